/** What a recording profile asks of the kernel, and what it is called. */
interface KernelProfile {
  /** Of the recording, as given to wpr behind `!`. */
  readonly name: string;
  /** In front of the names of its collectors and its provider. */
  readonly prefix: string;
  readonly description: string;
  /** Buffers of 1 MB that are kept when logging to memory. */
  readonly memoryBuffers: number;
  readonly keywords: readonly string[];
  /** Events that carry a stack. */
  readonly stacks: readonly string[];
  /** Null for events of all tags. */
  readonly poolTag: string | null;
}

const FILE_BUFFERS = 256;

/**
 * A recording profile for wpr: elements and keyword names as in the WPRControlProfiles schema
 * (https://learn.microsoft.com/windows-hardware/test/wpt/wprcontrolprofiles-schema), PoolTags behind Stacks as on its page
 * for SystemProvider. Collectors come first, then the system provider, then the profiles; a profile needs a File and a
 * Memory form, of one name. It holds no apostrophe and no blank line, so that PowerShell can take it between single quotes.
 */
export function kernelProfile(wanted: KernelProfile): string {
  const { prefix, description, memoryBuffers, poolTag } = wanted;
  return `<?xml version="1.0" encoding="utf-8"?>
<WindowsPerformanceRecorder Version="1.0" Author="tracekit" Comments="${description}">
  <Profiles>
${collector(`${prefix}FileCollector`, FILE_BUFFERS)}
${collector(`${prefix}MemoryCollector`, memoryBuffers)}
    <SystemProvider Id="${prefix}Provider">
${list('Keywords', 'Keyword', wanted.keywords)}
${list('Stacks', 'Stack', wanted.stacks)}${poolTag === null ? '' : `\n${list('PoolTags', 'PoolTag', [poolTag])}`}
    </SystemProvider>
${form(wanted, 'File')}
${form(wanted, 'Memory')}
  </Profiles>
</WindowsPerformanceRecorder>`;
}

const collector = (id: string, buffers: number): string =>
  `    <SystemCollector Id="${id}" Name="NT Kernel Logger">
      <BufferSize Value="1024"/>
      <Buffers Value="${buffers}"/>
    </SystemCollector>`;

const list = (name: string, element: string, values: readonly string[]): string =>
  [
    `      <${name}>`,
    ...values.map((value) => `        <${element} Value="${xmlText(value)}"/>`),
    `      </${name}>`,
  ].join('\n');

const form = ({ name, prefix, description }: KernelProfile, mode: 'File' | 'Memory'): string =>
  `    <Profile Id="${name}.Verbose.${mode}" Name="${name}" DetailLevel="Verbose" LoggingMode="${mode}" Description="${description}">
      <Collectors>
        <SystemCollectorId Value="${prefix}${mode}Collector">
          <SystemProviderId Value="${prefix}Provider"/>
        </SystemCollectorId>
      </Collectors>
    </Profile>`;

/** Text within an attribute. No apostrophe is left either: the profile stands between single quotes in PowerShell. */
const xmlText = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;');
