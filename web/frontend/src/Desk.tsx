import { Accounts } from './Accounts';
import { Announcer } from './Announcer';
import { Audit } from './Audit';
import { Board } from './Board';
import { Call } from './Call';
import { devices } from './devices';
import { DevicesPage } from './DevicesPage';
import { Help } from './Help';
import { Parked } from './Move';
import { useKeys } from './keys';
import { OwnDay } from './OwnDay';
import { PersonPage } from './PersonPage';
import { Queues } from './Queues';
import { route } from './route';
import { Search } from './Search';
import { connected, pop, trouble, who } from './state';
import { Story } from './Story';
import { t } from './texts';
import { Top } from './Top';

export function Desk() {
  useKeys();
  return (
    <>
      <Top />
      <Announcer />
      <Notices />
      <main class={`desk ${who.value?.agent ? '' : 'watching'} ${pop.value ? 'with-call' : ''}`}>
        {pop.value && <Call pop={pop.value} />}
        <Middle />
        <div class="side">
          <Parked />
          <Queues />
          {who.value?.agent && <OwnDay />}
        </div>
        <Board />
      </main>
      <Help />
    </>
  );
}

function Notices() {
  const untested = who.value?.may.includes('phone') && !devices.value.tested && !devices.value.desk && route.value.page !== 'devices';
  return (
    <div class="notices" aria-live="polite">
      {!connected.value && <p class="notice">{t('lost')}</p>}
      {trouble.value && <p class="notice">{t(trouble.value)}</p>}
      {untested && !pop.value && (
        <p class="hint">
          <a href="#/devices">{t('test_first')}</a>
        </p>
      )}
    </div>
  );
}

/** The caller's story, or the page that is read. */
function Middle() {
  const open = route.value;
  const may = who.value?.may ?? [];
  if (open.page === 'search' && may.includes('read_person')) return <Search />;
  if (open.page === 'person' && may.includes('read_person')) return <PersonPage person={open.key} id={open.id} />;
  if (open.page === 'audit' && may.includes('read_audit')) return <Audit />;
  if (open.page === 'accounts' && may.includes('accounts')) return <Accounts />;
  if (open.page === 'devices' && may.includes('phone')) return <DevicesPage />;
  if (pop.value) return <Story pop={pop.value} />;
  return who.value?.agent ? <p class="empty">{t('no_call')}</p> : null;
}
