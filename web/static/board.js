// Asks for the board each second and writes it into the page. All texts go in as text, never as HTML.
"use strict";

const EVERY_MS = 1000;
const texts = JSON.parse(document.body.dataset.texts);
const language = document.body.dataset.language;
const notice = document.getElementById("notice");
let lost = !notice.hidden;

function element(name, text, properties = {}) {
  const made = document.createElement(name);
  Object.assign(made, properties);
  made.textContent = text;
  return made;
}

function duration(ms) {
  const whole = Math.floor(ms / 1000);
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes, seconds] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

function row(...cells) {
  const made = document.createElement("tr");
  made.append(...cells);
  return made;
}

function queueRow(queue) {
  const figure = { className: "figure" };
  return row(
    element("th", queue.title[language] || queue.name, { scope: "row" }),
    element("td", queue.waiting, figure),
    element("td", queue.waiting ? duration(queue.longest_wait_ms) : "–", figure),
    element("td", queue.talking, figure),
  );
}

function agentRow(agent) {
  const cell = document.createElement("td");
  cell.append(element("span", texts[`doing_${agent.doing}`] || agent.doing, { className: `doing ${agent.doing}` }));
  return row(element("th", agent.extension, { scope: "row" }), cell);
}

function fill(id, rows, columns, none) {
  document.getElementById(id).replaceChildren(...(rows.length ? rows : [row(element("td", none, { colSpan: columns }))]));
}

function show(board) {
  const number = document.getElementById("number");
  if (board.numbers.length) {
    number.replaceChildren(`${texts.dial} `, element("strong", board.numbers[0]));
  } else {
    number.textContent = texts.dial_none;
  }
  fill("queues", board.queues.map(queueRow), 4, texts.no_queues);
  fill("agents", board.agents.map(agentRow), 2, texts.no_agents);
}

function tell(isLost) {
  if (isLost === lost) return;
  lost = isLost;
  notice.textContent = lost ? texts.lost : texts.back;
  notice.hidden = false;
}

async function look() {
  try {
    const answer = await fetch("/api/status", { signal: AbortSignal.timeout(5000), cache: "no-store" });
    if (!answer.ok) throw new Error(answer.statusText);
    show(await answer.json());
    tell(false);
  } catch {
    tell(true);
  }
  setTimeout(look, EVERY_MS);
}

look();
