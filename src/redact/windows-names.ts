/** Names that every Windows has: they tell nothing of whose machine it is, and stay. */

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s/));

/** Images of Windows' own processes and of its kernel, without `.exe`. */
export const WINDOWS_PROCESSES: ReadonlySet<string> = words(`
aggregatorhost alg applicationframehost audiodg autochk backgroundtaskhost backgroundtransferhost browser_broker bthudtask
calc changepk chkdsk cidaemon cisvc cmd compattelrunner compmgmtlauncher conhost consent control credentialenrollmentmanager
cscript csrss ctfmon dashost dcom defrag dfrgntfs dfsr dfsrs dfssvc dism dismhost dllhost dmadmin dns drwtsn32 dumprep dwm dxdiag
esentutl eventcreate eventvwr expand explorer fontdrvhost format ftp gpscript gpupdate helpsvc icacls iexplore imapi inetinfo
ipconfig ismserv kd klist lockapp logman logoff logon logonui lpremove lsaiso lsass lsm manage-bde mctadmin memory
microsoftedge microsoftedgecp mmc mobsync mountvol mousocoreworker mpcmdrun mqsvc msdtc mshta msiexec mspaint msmpeng mstsc musnotification
musnotificationux musnotifyicon nbtstat net net1 netsh netstat nissrv nltest notepad nslookup ntfrs ntkrnlmp ntkrnlpa ntkrpamp ntoskrnl
ntvdm odbcad32 osk perfmon ping poqexec powershell presentationfontcache print printfilterpipelinesvc printisolationhost provtool pwsh
qprocess quser rdpclip rdpinit rdpshell rdrleakdiag recdisc reg regedit regsvr32 resmon robocopy route runas rundll32 runonce
runtimebroker sc schtasks scrnsave searchapp searchfilterhost searchhost searchindexer searchprotocolhost searchui securityhealthhost
securityhealthservice securityhealthsystray services setup sethc settingsynchost sgrmbroker shellexperiencehost shutdown sihost slsvc smartscreen smss
snmp snmptrap spoolsv sppextcomobj sppsvc srtasks startmenuexperiencehost svchost sysprep systeminfo systempropertiesadvanced
systemsettings tabtip takeown taskeng taskhost taskhostex taskhostw taskkill tasklist taskmgr tcpsvcs telnet textinputhost tiworker
tlntsvr tracerpt tracert trustedinstaller tssdis tstheme unsecapp upfc userinit useroobebroker usocoreworker usoclient
utilman vds vdsldr verclsid verifier vmcompute vmms vmwp vssadmin vssvc w32tm w3wp wbadmin wbengine wercon werfault werfaultsecure
wermgr wevtutil whoami wininit winlogon winmgmt winmsd winrshost winsat wlanext wlidsvc wmiadap wmiapsrv wmiprvse wpnservice
wscntfy wscript wsmprovhost wuauclt wuapp wudfcompanionhost wudfhost wusa xcopy
system idle registry memcompression vmmem vmmemwsl livekd windbg xperf wpr wpa notmyfault tracekit
`);

/** More that stays: processes whose names are of two words, as the debugger prints them. */
const PROCESS_TITLES = words('secure.system memory.compression system.idle.process idle.process system.process');

/** True for an image of Windows itself, with or without path and `.exe`, in any case. Names cut to 15 characters count. */
export function isWindowsProcess(image: string): boolean {
  const name = image.slice(Math.max(image.lastIndexOf('\\'), image.lastIndexOf('/')) + 1).toLowerCase();
  const stem = name.endsWith('.exe') ? name.slice(0, -4) : name;
  if (WINDOWS_PROCESSES.has(stem) || PROCESS_TITLES.has(stem.replace(/\s/g, '.'))) return true;
  if (name.length !== 15 && name.length !== 14) return false;
  for (const known of WINDOWS_PROCESSES) if (`${known}.exe`.startsWith(name)) return true;
  return false;
}

/** Modules in which every stack stands; a process of that name must not take them out of all stacks. */
export const WINDOWS_MODULES: ReadonlySet<string> = words(`
nt hal win32k win32kbase win32kfull ntdll kernel32 kernelbase user32 gdi32 advapi32 rpcrt4 combase ole32 msvcrt ucrtbase sechost ws2_32
mswsock shell32 shlwapi crypt32 wow64 wow64cpu wow64win tcpip netio ndis fwpkclnt afd http ntfs fltmgr storport ataport classpnp disk
partmgr volmgr volsnap fvevol mountmgr mrxsmb mrxsmb20 rdbss mup srv2 srvnet usbport usbhub usbxhci ucx01000 acpi pci dxgkrnl dxgmms2
wdf01000 wdfldr ci clfs cng ksecdd luafv npfs msfs tdx tdi bowser wmi wmilib stornvme storahci nvme hdaudbus portcls
`);

/** Accounts, and parts in front of a backslash, that every Windows has. */
export const WINDOWS_ACCOUNTS: ReadonlySet<string> = words(`
system service network local anonymous everyone administrator administrators users guest defaultaccount wdagutilityaccount
public default default-user all-users desktop.ini systemprofile localservice networkservice
n/a na null none unknown nil self nt authority builtin window font iis dwm-1 umfd-0
`);

/** What stands in front of a backslash and is neither a domain nor a folder. */
export const KEPT_ROOTS: ReadonlySet<string> = words(`
authority builtin service manager host apppool control driver filesystem device registry hklm hkcu hku hkcr hkcc hkey_local_machine hkey_current_user
hkey_users hkey_classes_root hkey_current_config basenamedobjects sessions kernelobjects callback objecttypes knowndlls knowndlls32 security rpc
arcname nls windowsstations themeapiport lsaauthenticationport serm sermcommandport global dosdevices winsta0 winstation pci acpi ?? global?? umdfcommunicationports
`);
