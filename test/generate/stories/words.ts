/** Names of invented vendors, drivers, services and components, none twice in a story. */
import { shuffled } from '../dump/machine.js';
import type { Random } from '../random.js';

const STEMS = `alder brook cinder dapple elm fennel gorse hollow iris juni kestrel larch marl nettle osprey poplar quill
  rowan sable tarn umber vesper wicket yarrow zephyr bramble copper dorsal ember flint garnet hazel`.split(/\s+/);
const KINDS = ['nic', 'gfx', 'hid', 'usb', 'aud', 'vpn', 'cam', 'sen', 'bus', 'flt'] as const;
const ROUTINES = ['Completion', 'Receive', 'Poll', 'Timer', 'Event', 'Service', 'Transfer', 'Link'] as const;
const THINGS = `Ledger Parcel Invoice Harbor Ticket Voucher Tariff Cargo Roster Meter Claim Permit Freight Recipe Locker
  Survey`.split(/\s+/);
const WORK = ['Store', 'Gateway', 'Relay', 'Broker', 'Vault', 'Journal', 'Feed', 'Archive'] as const;
const MACHINES = ['PLANT', 'DESK', 'LAB', 'KIOSK', 'BRANCH', 'NODE', 'SHOP'] as const;

export interface DriverName {
  /** `brooknic.sys` */
  readonly file: string;
  /** `brooknic` */
  readonly module: string;
  readonly dpc: string;
  readonly isr: string;
  readonly timer: string;
}

export interface ComponentName {
  /** `Parcel Vault` */
  readonly words: string;
  /** `ParcelVault` */
  readonly joined: string;
  /** As modules are called: `parcelvault`. */
  readonly module: string;
  /** `parcelvaultsvc.exe` */
  readonly service: string;
}

export class Words {
  readonly #stems: string[];
  readonly #things: string[];

  constructor(private readonly random: Random) {
    this.#stems = shuffled(random, STEMS);
    this.#things = shuffled(random, THINGS);
  }

  /** `stor` for miniports of storage. */
  driver(kind: string = this.random.pick(KINDS)): DriverName {
    const module = `${this.stem()}${kind}`;
    const prefix = `${module[0].toUpperCase()}${module.slice(1, 2)}`;
    const routine = this.random.pick(ROUTINES);
    return {
      file: `${module}.sys`,
      module,
      dpc: `${prefix}${routine}Dpc`,
      isr: `${prefix}Interrupt${routine}Isr`,
      timer: `${prefix}EvtTimer${routine}`,
    };
  }

  component(): ComponentName {
    const [thing, work] = [this.#taken(this.#things), this.random.pick(WORK)];
    const joined = `${thing}${work}`;
    const module = joined.toLowerCase();
    return {
      words: `${thing} ${work}`,
      joined,
      module,
      service: `${this.random.pick([module, thing.toLowerCase()])}${this.random.pick(['svc', 'd', 'host', 'srv'])}.exe`,
    };
  }

  stem(): string {
    return this.#taken(this.#stems);
  }

  machine(): string {
    return `${this.random.pick(MACHINES)}-${this.stem().toUpperCase()}${this.random.whole(1, 99)}`;
  }

  #taken(items: string[]): string {
    const item = items.pop();
    if (item === undefined) throw new Error('no name is left');
    return item;
  }
}
