import { gzipSync } from 'node:zlib';

import { describe, expect, it } from 'vitest';

import * as page from '#page';

const { html, icon, iconName, script, scriptName, style, styleName } = page;

/** What may look like the name of a server and is none: the names of kinds of elements. */
const namespaces = /http:\/\/www\.w3\.org\/[\w/]+/g;

describe('the page', () => {
  it('has no script and no style but its own files', () => {
    expect([...html.matchAll(/<script\b[^>]*>([^<]*)<\/script>/g)].map(([, inside]) => inside)).toEqual(['']);
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|javascript:/i);
  });

  it('names its files, and everything else, relative to where it is mounted', () => {
    const named = [...html.matchAll(/\s(?:src|href)="([^"]*)"/g)].map(([, target]) => target);
    expect(named).toEqual([iconName, styleName, scriptName, 'api/overview', 'metrics']);
    expect(named.filter((target) => /^\/|:/.test(target ?? ''))).toEqual([]);
  });

  it('reaches no other origin', () => {
    for (const text of [html, script.replace(namespaces, ''), style, icon.replace(namespaces, '')])
      expect(text.match(/\b(?:https?|wss?):\/\/[^\s"'`$]*/g) ?? []).toEqual(theExample(text));
    expect(style).not.toMatch(/url\(|@import/);
  });

  it('runs nothing from text', () => {
    expect(script).not.toMatch(/\beval\(|new Function\(|\.outerHTML|insertAdjacentHTML|document\.write/);
  });

  it('names its files by what is in them', () => {
    expect([scriptName, styleName, iconName].map((name) => name.replace(/[0-9a-f]{16}/, '#'))).toEqual([
      'page-#.js',
      'page-#.css',
      'page-#.svg',
    ]);
  });

  it('is small', () => {
    expect(gzipSync(script).length).toBeLessThan(56_000);
    expect(gzipSync(style).length).toBeLessThan(8_000);
  });
});

/** The first steps show how a job is submitted, by addresses that nobody can have. */
function theExample(text: string): string[] {
  return text === style || text === html || text === icon.replace(namespaces, '')
    ? []
    : ['https://your-service.example/v1/images/upload', 'https://pictures.example/cat.jpg'];
}
