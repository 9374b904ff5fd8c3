import { render } from 'preact';
import { useEffect } from 'preact/hooks';
import './style.css';
import { begin, trouble, who } from './state';
import { language, t } from './texts';
import { Desk } from './Desk';
import { startRinger } from './ringer';
import { SignIn } from './SignIn';

function Page() {
  useEffect(() => void begin(), []);
  useEffect(() => {
    document.documentElement.lang = language.value;
  }, [language.value]);
  if (who.value === undefined)
    return (
      <main class="sign-in">
        <p role="alert">{trouble.value && t(trouble.value)}</p>
      </main>
    );
  return who.value ? <Desk /> : <SignIn />;
}

startRinger();
const place = document.getElementById('page');
if (place) render(<Page />, place);
