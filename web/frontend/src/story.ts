// What the server tells of a caller (history.pop.Pop). Every text in it came from outside and is shown as text.

export interface Contact {
  id: string;
  started_at: number;
  queue: string | null;
  agent: string | null;
  topic: string | null;
  outcome: string | null;
  code: string | null;
  for_somebody?: boolean;
}
export interface Note {
  call?: string;
  at: number;
  author: string;
  text: string;
}
export interface Case {
  id: string;
  number: string;
  title: string;
  topic: string;
  status: string;
  opened_at: number;
}
export interface PromiseMade {
  id: string;
  kind: string;
  text: string;
  made_at: number;
  due_until: number | null;
  outcome: string | null;
}
export interface Known {
  person: string;
  name: string | null;
  languages: string[] | null;
  preferences: Record<string, unknown> | null;
  numbers: string[];
}
export interface StoryData {
  confidence: string;
  person: Known | null;
  others: { person: string; name: string | null }[];
  this: { case_id: string | null; for_person: string | null; relation: string | null } | null;
  today: Contact[];
  contacts: Contact[];
  notes: Note[];
  cases: Case[];
  promises: PromiseMade[];
}
