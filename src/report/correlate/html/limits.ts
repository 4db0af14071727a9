/** How much of each list a page holds: a report is to be opened, mailed and printed, whatever was given. */

export interface Limits {
  readonly causes: number;
  readonly points: number;
  /** Places cited beside one statement. */
  readonly places: number;
  /** Places of the whole page that can be opened, and bytes of the lines shown around them. */
  readonly allPlaces: number;
  readonly excerptBytes: number;
  readonly rows: number;
  readonly marks: number;
  readonly lanes: number;
  readonly nodes: number;
  readonly frames: number;
  readonly items: number;
  /** Characters of a text in a cell. */
  readonly cell: number;
}

const MOST: Limits = {
  causes: 20,
  points: 40,
  places: 6,
  allPlaces: 1500,
  excerptBytes: 900_000,
  rows: 200,
  marks: 110_000,
  lanes: 48,
  nodes: 200,
  frames: 1500,
  items: 60,
  cell: 300,
};

/** The limits, each made smaller by `share` (0 to 1), but never to nothing. */
export function limitsFor(share: number): Limits {
  const scaled = Object.entries(MOST).map(([key, most]) => [key, Math.max(2, Math.floor(most * share))]);
  return { ...(Object.fromEntries(scaled) as unknown as Limits), cell: Math.max(60, Math.floor(MOST.cell * share)) };
}
