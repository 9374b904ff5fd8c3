// What supervisors see and do: every agent, everybody in line, every queue.

import { useSignal } from '@preact/signals';
import { ask, board, now, queues, who } from './state';
import { chosen, queueTitle } from './names';
import type { AgentLine, WaitingLine } from './messages';
import { duration, t, titled, type TextName } from './texts';

export function Board() {
  const steers = who.value?.may.includes('steer') ?? false;
  if (!board.value) return null;
  return (
    <>
      <section class="agents" aria-label={t('agents')}>
        <h2>{t('agents')}</h2>
        <table>
          <thead>
            <tr>
              <th>{t('agent')}</th>
              <th>{t('state')}</th>
              <th>{t('since')}</th>
              <th>{t('from_queue')}</th>
              <th>{t('calls')}</th>
              {steers && <th>{t('steer')}</th>}
            </tr>
          </thead>
          <tbody>
            {board.value.agents.map((agent) => (
              <Agent key={agent.id} agent={agent} steers={steers} />
            ))}
          </tbody>
        </table>
      </section>
      <section class="line" aria-label={t('in_line')}>
        <h2>{t('in_line')}</h2>
        {board.value.waiting.length === 0 && <p>{t('nobody_waits')}</p>}
        <ol>
          {board.value.waiting.map((one) => (
            <Waiting key={one.call} one={one} steers={steers} />
          ))}
        </ol>
      </section>
    </>
  );
}

function doing(agent: AgentLine): TextName {
  if (agent.state !== 'idle') return agent.state === 'not_responding' ? 'silent' : agent.state;
  if (agent.status !== 'available') return agent.status;
  return agent.device === 'free' ? 'available' : agent.device === 'busy' ? 'phone_busy' : 'phone_none';
}

function Agent({ agent, steers }: { agent: AgentLine; steers: boolean }) {
  const busy = useSignal(false);

  async function choose(what: string) {
    busy.value = true;
    if (what === 'end_wrap_up') await ask({ do: 'end_wrap_up', agent: agent.id });
    else if (what === 'available' || what === 'paused' || what === 'offline')
      await ask({ do: 'set_agent', agent: agent.id, status: what, reason: '' });
    busy.value = false;
  }

  return (
    <tr>
      <td>
        {agent.name} <small>{agent.extension}</small>
      </td>
      <td>
        <span class={`dot ${doing(agent)}`}>{t(doing(agent))}</span> <small>{agent.reason && chosen('reasons', agent.reason)}</small>
      </td>
      <td class="figure">{agent.since > 0 && duration(now.value - agent.since)}</td>
      <td>{agent.queue && queueTitle(agent.queue)}</td>
      <td class="figure">{agent.calls}</td>
      {steers && (
        <td>
          <select
            aria-label={`${t('steer')}: ${agent.name}`}
            value=""
            disabled={busy.value}
            onChange={(event) => {
              const what = event.currentTarget.value;
              event.currentTarget.value = '';
              void choose(what);
            }}
          >
            <option value="">…</option>
            <option value="available">{t('available')}</option>
            <option value="paused">{t('pause')}</option>
            <option value="offline">{t('log_out')}</option>
            {agent.state === 'wrap_up' && <option value="end_wrap_up">{t('finish')}</option>}
          </select>
        </td>
      )}
    </tr>
  );
}

function Waiting({ one, steers }: { one: WaitingLine; steers: boolean }) {
  return (
    <li>
      {queueTitle(one.queue)} · {t('waited')} {duration(now.value - one.since)}
      {one.agent && ` · ${t('ringing')} (${one.agent})`}
      {steers && (
        <span class="controls">
          <button onClick={() => void ask({ do: 'front', call: one.call })}>{t('front')}</button>
          <select
            aria-label={t('move')}
            value=""
            onChange={(event) => {
              const queue = event.currentTarget.value;
              event.currentTarget.value = '';
              if (queue) void ask({ do: 'move', call: one.call, queue, keep_place: true });
            }}
          >
            <option value="">{t('move')}…</option>
            {queues.value
              .filter((queue) => queue.name !== one.queue)
              .map((queue) => (
                <option key={queue.name} value={queue.name}>
                  {titled(queue.title, queue.name)}
                </option>
              ))}
          </select>
        </span>
      )}
    </li>
  );
}
