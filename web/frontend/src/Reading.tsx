// The frame of a page that is read beside the call: its title has the focus when it opens, and there is a way back.

import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { trouble } from './state';
import { t } from './texts';

export function Reading({
  title,
  ready = true,
  children,
}: {
  title: string;
  ready?: boolean;
  children: ComponentChildren;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <section class="reading" aria-busy={!ready}>
      <p>
        <a href="#/" aria-keyshortcuts="b">
          ← {t('back')}
        </a>
      </p>
      <h2 ref={heading} tabIndex={-1}>
        {title}
      </h2>
      {!ready && !trouble.value && <p>{t('loading')}</p>}
      {children}
    </section>
  );
}
