/** Runs programs and measures wall time and peak memory. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

export interface Measured {
  /** From before the process is started until it has ended. */
  readonly seconds: number;
  /** Largest resident set; null where the system does not tell. */
  readonly peakBytes: number | null;
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const TIME = '/usr/bin/time';

/** Runs a command once. With `memory`, under `/usr/bin/time -v` where that is installed, else by watching /proc. */
export function measure(
  command: string,
  args: readonly string[],
  options: { memory?: boolean; env?: NodeJS.ProcessEnv } = {},
): Promise<Measured> {
  const timed = options.memory === true && existsSync(TIME);
  const [program, ...rest] = timed ? [TIME, '-v', command, ...args] : [command, ...args];
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...options.env } });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let watchedBytes: number | null = null;
    const watch = options.memory === true && !timed ? setInterval(look, 10) : undefined;
    function look(): void {
      watchedBytes = highWater(child.pid) ?? watchedBytes;
    }
    child.stdout.on('data', (part: Buffer) => stdout.push(part));
    child.stderr.on('data', (part: Buffer) => stderr.push(part));
    child.on('error', reject);
    child.on('close', (exitCode) => {
      clearInterval(watch);
      const seconds = (performance.now() - started) / 1000;
      const errors = Buffer.concat(stderr).toString();
      const peakBytes = timed ? peakOf(errors) : watchedBytes;
      resolve({ seconds, peakBytes, exitCode, stdout: Buffer.concat(stdout).toString(), stderr: errors });
    });
  });
}

/** `Maximum resident set size (kbytes): 61234` */
function peakOf(report: string): number | null {
  const found = /Maximum resident set size \(kbytes\): (\d+)/.exec(report);
  return found === null ? null : Number(found[1]) * 1024;
}

/** `VmHWM:    61234 kB` of a running process. */
function highWater(pid: number | undefined): number | null {
  try {
    const found = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return found === null ? null : Number(found[1]) * 1024;
  } catch {
    return null;
  }
}
