/** Message file (TMF, as tracepdb writes it) and instrumentation manifest of the templates of a trace. */
import { guidOf } from './guids.js';
import type { MessageLog } from './play.js';
import type { TemplateTruth } from './truth-model.js';
import { partsOf } from './variables.js';
import type { EtlKind } from './write-etl-messages.js';

/** Arguments of WPP messages count from 10: below are the parts of the prefix. */
const FIRST_ARGUMENT = 10;
const TMF_LEVELS = ['', 'CRITICAL', 'ERROR', 'WARNING', 'INFORMATION', 'VERBOSE'] as const;
const WIN_LEVELS = ['', 'Critical', 'Error', 'Warning', 'Informational', 'Verbose'] as const;

export function descriptionsOf(
  log: MessageLog,
  kindOf: (provider: string) => EtlKind,
): { tmf: string; manifest: string } {
  const of = (kind: EtlKind): [string, TemplateTruth[]][] => {
    const providers = new Map<string, TemplateTruth[]>();
    for (const template of log.truth.templates) {
      if (kindOf(template.provider) !== kind) continue;
      providers.set(template.provider, [...(providers.get(template.provider) ?? []), template]);
    }
    return [...providers];
  };
  return { tmf: tmfOf(of('wpp')), manifest: manifestOf(of('manifest')) };
}

const isNumber = (kind: string): boolean => kind === 'num' || kind === 'retry';

function tmfOf(providers: readonly (readonly [string, readonly TemplateTruth[]])[]): string {
  const lines = ['// PDB:  lamp.pdb'];
  for (const [provider, templates] of providers) {
    lines.push(`${guidOf(provider)} ${provider} // SRC=${templates[0].file} MJ= MN=`, ...templates.flatMap(tmfMessage));
  }
  return `${lines.join('\r\n')}\r\n`;
}

function tmfMessage(template: TemplateTruth): string[] {
  const { literals, kinds } = partsOf(template.text);
  const format = literals
    .map((literal, i) => {
      const plain = literal.replaceAll('%', '%%');
      return i < kinds.length ? `${plain}%${FIRST_ARGUMENT + i}!${isNumber(kinds[i]) ? 'u' : 's'}!` : plain;
    })
    .join('');
  const source = template.file.replace('.', '_');
  const level = `LEVEL=TRACE_LEVEL_${TMF_LEVELS[template.level]}`;
  return [
    `#typev ${source}${template.line} ${template.eventId} "%0${format}" //   ${level} FLAGS=GENERAL FUNC=${template.function}`,
    '{',
    ...kinds.map((kind, i) => `arg${i}, ${isNumber(kind) ? 'ItemULong' : 'ItemWString'} -- ${FIRST_ARGUMENT + i}`),
    '}',
  ];
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

function manifestOf(providers: readonly (readonly [string, readonly TemplateTruth[]])[]): string {
  const all = providers.flatMap(([, templates]) => templates);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<instrumentationManifest xmlns="http://schemas.microsoft.com/win/2004/08/events">',
    '<instrumentation><events>',
    ...providers.flatMap(([provider, templates]) => [
      `<provider name="${escaped(provider)}" guid="{${guidOf(provider)}}" symbol="${provider}">`,
      '<events>',
      ...templates.map(manifestEntry),
      '</events>',
      '<templates>',
      ...templates.flatMap(manifestTemplate),
      '</templates>',
      '</provider>',
    ]),
    '</events></instrumentation>',
    '<localization><resources culture="en-US"><stringTable>',
    ...all.map((template) => `<string id="m${template.eventId}" value="${escaped(manifestText(template))}"/>`),
    '</stringTable></resources></localization>',
    '</instrumentationManifest>',
    '',
  ].join('\r\n');
}

const manifestEntry = ({ eventId, level }: TemplateTruth): string =>
  `<event value="${eventId}" version="0" level="win:${WIN_LEVELS[level]}" template="T${eventId}" message="$(string.m${eventId})"/>`;

function manifestTemplate({ eventId, text }: TemplateTruth): string[] {
  const data = partsOf(text).kinds.map(
    (kind, i) => `<data name="arg${i}" inType="${isNumber(kind) ? 'win:UInt32' : 'win:UnicodeString'}"/>`,
  );
  return [`<template tid="T${eventId}">`, ...data, '</template>'];
}

function manifestText({ text }: TemplateTruth): string {
  const { literals, kinds } = partsOf(text);
  return literals.map((literal, i) => literal.replaceAll('%', '%%') + (i < kinds.length ? `%${i + 1}` : '')).join('');
}
