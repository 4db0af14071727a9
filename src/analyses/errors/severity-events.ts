/**
 * Events of the Windows event log that are known by provider and id: what they mean and how bad they are, for logs that give no
 * level. Written from common knowledge of these events and not yet compared with Microsoft's descriptions one by one. Two are
 * higher than Windows logs them: a restart from a bugcheck and the end of a critical process are critical here, not errors.
 */
import type { Level } from './severity.js';

export interface KnownEvent {
  level: Level;
  meaning: string;
}

const LEVEL_OF: Readonly<Record<string, Level>> = { C: 'critical', E: 'error', W: 'warning', I: 'information' };

/** Providers, without "Microsoft-Windows-"; then an event a line: id, level, what it means. */
const EVENTS: readonly (readonly [providers: RegExp, events: string])[] = [
  [
    /^disk$/,
    `7 E bad block
    11 E the driver detected a controller error
    15 E device not ready
    51 W error during a paging operation
    52 W the disk predicts its own failure
    153 W an I/O was retried
    154 E an I/O failed for a hardware error
    157 W disk removed by surprise
    158 W two disks have one identifier`,
  ],
  [
    /^(?:stor\w{0,12}|\w{0,12}ahci|\w{0,12}nvme\w{0,4}|iastor\w{0,8}|lsi_\w{1,8}|atapi|cdrom|megasas\w{0,3}|vhdmp|mpio)$/,
    `5 E parity error
    9 E the device did not respond in time
    11 E the driver detected a controller error
    15 E device not ready
    129 W reset to device
    153 W an I/O was retried`,
  ],
  [
    /^ntfs\w{0,10}$/,
    `50 W a delayed write failed, data lost
    55 E file system structure is corrupt
    57 W log not flushed
    98 I volume is healthy
    137 E transaction resource manager error
    140 W log not flushed`,
  ],
  [/^mrxsmb\w{0,4}$/, '50 W a delayed write failed, data lost'],
  [
    /^volsnap$/,
    `25 E shadow copies deleted, their storage could not grow
    27 E shadow copies aborted
    33 I oldest shadow copy deleted
    36 E shadow copies aborted, no more storage allowed`,
  ],
  [
    /^volmgr$/,
    `46 E crash dump not initialized
    49 E page file cannot hold a crash dump
    161 E crash dump not written`,
  ],
  [/^kernel-power$/, '41 C restarted without shutting down\n 42 I entering sleep\n 109 I shutdown begun'],
  [
    /^eventlog$/,
    `6005 I event log started
    6006 I event log stopped
    6008 E the last shutdown was unexpected
    6009 I system start
    6013 I uptime`,
  ],
  [/^(?:wer-systemerrorreporting|bugcheck|save dump|system error)$/, '1001 E restarted from a bugcheck'],
  [/^windows error reporting$/, '1001 I report of a crash or hang'],
  [/^application error$/, '1000 E application crashed\n 1005 E application lost access to a file'],
  [/^application hang$/, '1002 E application hung'],
  [/^\.net runtime$/, '1023 E fatal error of .NET\n 1026 E unhandled exception in .NET'],
  [/^application popup$/, '26 I message box of the system\n 333 E registry could not be written'],
  [
    /^service control manager$/,
    `7000 E service did not start
    7001 E a service it depends on did not start
    7003 E a service it depends on does not exist
    7009 E service did not connect in time
    7011 E service did not answer in time
    7016 E service reported a bad state
    7022 E service hung on start
    7023 E service ended with an error
    7024 E service ended with its own error
    7026 E boot drivers did not load
    7030 E service may not interact with the desktop
    7031 E service ended unexpectedly, action taken
    7032 E action after the end of a service failed
    7034 E service ended unexpectedly
    7035 I control sent to a service
    7036 I service entered another state
    7038 E service could not log on
    7040 I start type changed
    7041 E service account lacks a right
    7042 I service was sent a stop
    7043 E service did not shut down properly
    7045 I service installed`,
  ],
  [
    /^(?:distributedcom|dcom)$/,
    `10005 E DCOM could not start a service
    10010 E COM server did not register in time
    10016 W no permission for a COM server
    10028 E DCOM could not reach a computer`,
  ],
  [/^kernel-pnp$/, '219 W driver did not load for a device'],
  [/^display$/, '4101 W display driver stopped responding and recovered'],
  [/^resource-exhaustion-detector$/, '2004 W low virtual memory'],
  [
    /^srv\d?$/,
    `2011 E irpstacksize too small
    2013 W disk near capacity
    2017 E nonpaged pool limit reached
    2019 E nonpaged pool empty
    2020 E paged pool empty
    2021 W no free work items
    2022 W no free connections`,
  ],
  [
    /^tcpip$/,
    `4199 E address conflict
    4226 W limit of connection attempts
    4227 W no free port for a connection
    4231 W no free port
    4266 W no free UDP port`,
  ],
  [
    /^whea-logger$/,
    `1 E hardware error
    17 W corrected hardware error
    18 E fatal hardware error
    19 W corrected hardware error
    20 E fatal hardware error
    46 E fatal memory error
    47 W corrected memory error`,
  ],
  [/^kernel-processor-power$/, '37 W processor speed limited by firmware'],
  [/^dns(?:-|\s)client(?:\sevents)?$/, '1014 W name not resolved in time'],
  [/^netlogon$/, '5719 E no domain controller reached\n 3210 E authentication with the domain failed'],
  [/^(?:vss)$/, '8193 E shadow copy error\n 8194 E shadow copy error\n 12289 E shadow copy error'],
  [
    /^esent$/,
    `507 W a read took very long
    508 W a write took very long
    509 W a read took very long
    510 W a write took very long
    533 W an I/O is not done yet`,
  ],
  [/^wininit$/, '1015 E a critical process failed'],
  [/^windowsupdateclient$/, '19 I update installed\n 20 E update not installed\n 43 I update begun'],
  [/^grouppolicy$/, '1030 E policy not read\n 1058 E policy file not read\n 1129 E no domain controller reached'],
  [
    /^schannel$/,
    '36871 E TLS credential error\n 36874 E no common cipher\n 36887 E TLS alert received\n 36888 E TLS alert sent',
  ],
];

/** What an event is known for; null without a provider or for events that are not known. */
export function knownEvent(provider: string | null, eventId: number | null): KnownEvent | null {
  if (provider === null || eventId === null || provider.length > 100) return null;
  const name = provider.trim().toLowerCase().replace('microsoft-windows-', '');
  for (const [providers, events] of EVENTS) {
    if (!providers.test(name)) continue;
    for (const line of events.split('\n')) {
      const [id, level, ...meaning] = line.trim().split(' ');
      if (Number(id) === eventId) return { level: LEVEL_OF[level], meaning: meaning.join(' ') };
    }
  }
  return null;
}
