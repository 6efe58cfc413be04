/* What pasted rows mean: text from Excel or a CSV file into values for the sheet's columns. Pure; called by sheet.ts. */

export interface Column {
  name: string;
  word: string;
  type: "text" | "tel" | "date" | "number" | "select";
  options?: { value: string; word: string }[];
  aliases?: string[];
  words?: Record<string, string>;
}
export interface Understood {
  columns: (Column | undefined)[];
  rows: { values: Record<string, string>; doubts: string[] }[];
  header: boolean;
}

/** Rows and cells of tab-, semicolon- or comma-separated text; quotes keep separators and line breaks, a BOM is dropped. */
export function cellsOf(text: string): string[][] {
  const clean = text.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n");
  const first = clean.slice(0, clean.indexOf("\n") < 0 ? undefined : clean.indexOf("\n"));
  const mark = first.includes("\t") ? "\t" : first.includes(";") ? ";" : ",";
  const rows: string[][] = [[]];
  let cell = "";
  let quoted = false;
  for (let i = 0; i < clean.length; i++) {
    const sign = clean[i] ?? "";
    if (quoted) {
      if (sign !== '"') cell += sign;
      else if (clean[i + 1] === '"') cell += clean[++i];
      else quoted = false;
    } else if (sign === '"' && cell === "") quoted = true;
    else if (sign === mark || sign === "\n") {
      rows.at(-1)?.push(cell.trim());
      cell = "";
      if (sign === "\n") rows.push([]);
    } else cell += sign;
  }
  rows.at(-1)?.push(cell.trim());
  return rows.filter((row) => row.some((value) => value !== ""));
}

/** What each cell means: by heading when the first row is one, else in order from the column one stands in. */
export function understand(rows: string[][], columns: Column[], from: string, today: string): Understood {
  const byWord = (word: string): Column | undefined => {
    const plain = simple(word);
    return columns.find((column) => [column.word, column.name, ...(column.aliases ?? [])].some((one) => simple(one) === plain));
  };
  const headed = rows[0]?.map(byWord) ?? [];
  const header = headed.filter(Boolean).length >= Math.min(2, rows[0]?.length ?? 0) && headed.some(Boolean);
  const start = Math.max(columns.findIndex((column) => column.name === from), 0);
  const chosen = header ? headed : (rows[0] ?? []).map((_, i) => columns[start + i]);
  return {
    header,
    columns: chosen,
    rows: (header ? rows.slice(1) : rows).map((row) => {
      const values: Record<string, string> = {};
      const doubts: string[] = [];
      row.forEach((cell, i) => {
        const column = chosen[i];
        if (!column || cell === "") return;
        const value = meant(cell, column, today);
        values[column.name] = value ?? cell;
        if (value === undefined) doubts.push(column.name);
      });
      return { values, doubts };
    }),
  };
}

/** The stored form of what was written; undefined when it can't be read. */
export function meant(written: string, column: Column, today: string): string | undefined {
  const text = written.trim();
  if (text === "" || text === "–" || text === "-") return "";
  const word = column.words?.[text.toLowerCase()];
  if (word !== undefined) return word;
  if (column.type === "date") return dateOf(text, today);
  if (column.type === "number") {
    const number = text.replace(",", ".").replace(/\s|m$|meter$|min\.?$|minutter$/gi, "");
    return /^\d+(\.\d+)?$/.test(number) ? number : undefined;
  }
  if (column.type === "select") {
    const plain = simple(text);
    const options = column.options ?? [];
    const found = options.find((one) => simple(one.word) === plain || one.value.toLowerCase() === text.toLowerCase());
    return (found ?? options.find((one) => plain.length > 2 && simple(one.word).startsWith(plain)))?.value;
  }
  return text;
}

/** 18.1., 18.01.22, 18/1-2022 or 2022-01-18 as ISO. Without a year: the latest such day that is not after tomorrow. */
export function dateOf(text: string, today: string): string | undefined {
  const iso = /^(\d{4})-(\d{2})-(\d{2})/.exec(text);
  if (iso) return real(Number(iso[1]), Number(iso[2]), Number(iso[3]));
  const parts = /^(\d{1,2})[./](\d{1,2})\.?(?:[-./ ]?(\d{4}|\d{2}))?\.?$/.exec(text) ?? /^(\d{2})(\d{2})(\d{4}|\d{2})?$/.exec(text);
  if (!parts) return undefined;
  const [day, month] = [Number(parts[1]), Number(parts[2])];
  if (parts[3]) return real(Number(parts[3]) + (parts[3].length === 2 ? 2000 : 0), month, day);
  const year = Number(today.slice(0, 4));
  const tomorrow = new Date(Date.parse(`${today}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
  const this_ = real(year, month, day);
  return this_ && this_ > tomorrow ? real(year - 1, month, day) : this_;
}

function real(year: number, month: number, day: number): string | undefined {
  const made = new Date(Date.UTC(year, month - 1, day));
  if (made.getUTCMonth() !== month - 1 || made.getUTCDate() !== day) return undefined;
  return made.toISOString().slice(0, 10);
}

/** 18.1. as people write it in the sheet; with the year when it is another one. */
export function writtenDate(iso: string, today: string): string {
  const [year, month, day] = iso.split("-").map(Number);
  if (!year || !month || !day) return iso;
  return iso.slice(0, 4) === today.slice(0, 4) ? `${day}.${month}.` : `${day}.${month}.${year}`;
}

function simple(word: string): string {
  return word.toLowerCase().replace(/\(.*?\)/g, "").replace(/[^\p{L}\p{N}]+/gu, "");
}
