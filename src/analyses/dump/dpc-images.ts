/**
 * Images of Windows that stand on stacks of DPCs without being to blame for themselves, by Microsoft's driver documentation.
 * Names as in `Frame.base`.
 */

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Port drivers, class extensions and frameworks: they call the routines of other drivers, and other drivers call theirs. */
const HOSTS = words(`
  wdf01000 wdfldr verifierext verifier werkernel netadaptercx wdiwifi ndis nwifi storport scsiport ataport pciidex usbport usbehci
  usbuhci usbohci usbxhci ucx01000 ufx01000 ucmcx urscx usbd sdbus sdport msgpioclx spbcx sercx sercx2 acpi pci dxgkrnl dxgmms1
  dxgmms2 videoprt watchdog portcls ks ksthunk drmk hidclass hidparse hdaudbus bthport vmbkmcl vmbkmclr vmbus vmbusr winhv winhvr`);

/** What packets, completions and messages go through: called from the DPCs of others. */
const LAYERS = words(`
  afd tdx tdi tcpip tcpip6 netio http msrpc netbt smb srv srv2 srvnet mrxsmb mrxsmb10 mrxsmb20 rdbss mup dfsc pacer psched vwififlt
  wfplwfs fwpkclnt mslldp rspndr lltdio ndisuio ndiscap ndiswan wanarp npsvctrig mpsdrv mslbfoprovider ndisimplatform bridge
  classpnp disk partmgr volmgr volmgrx volsnap volume ftdisk fvevol rdyboost iorate mountmgr ehstorclass spaceport cdrom mpio msdsm
  ntfs fastfat exfat refs refsv1 udfs cdfs npfs msfs csvflt fltmgr fileinfo luafv wcifs wof cldflt bindflt storqosflt filecrypt
  cng ksecdd ksecpkg clfs tm wmilib kbdclass mouclass kbdhid mouhid hidusb usbhub usbhub3 usbccgp bthusb bthenum rfcomm
  crashdmp win32k win32kbase win32kfull`);

/** `kdcom`, `kdnet`, `kd_02_8086`: what carries the words of DbgPrint to a debugger. */
const DEBUGGER = /^kd(?:com|net|stub|usb|1394|hv|hvcom|vm|_\w{1,20})$/;

/** Of these no work runs in a DPC of their own. */
const WRAPPERS = words('wdf01000 wdfldr verifierext verifier werkernel');

/** True of what passes on, or runs for others: the driver to look at is another one. */
export const isFrameworkImage = (base: string): boolean =>
  HOSTS.has(base) || LAYERS.has(base) || DEBUGGER.test(base) || base.startsWith('dump_');

/** True where the work that a DPC hands over goes on: the time may be theirs. */
export const isLayer = (base: string): boolean => LAYERS.has(base);

export const isWrapper = (base: string): boolean => WRAPPERS.has(base);
