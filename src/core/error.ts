/** Exit codes of the command line, as documented in docs/exit-codes.md. */
export const EXIT = { ok: 0, threshold: 1, usage: 2, unreadable: 3, insufficient: 4 } as const;

/** An error whose message is meant for the user: it names the file, the place and the remedy. Never a stack trace. */
export class TracekitError extends Error {
  constructor(
    message: string,
    readonly exitCode: number = EXIT.unreadable,
  ) {
    super(message);
    this.name = 'TracekitError';
  }
}
