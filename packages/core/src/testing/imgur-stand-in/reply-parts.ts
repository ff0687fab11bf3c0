import type { AnsweredRequest, ImgurReply } from './imgur-reply.ts';

// What the replies of the catalogue are made of.

export function answer(
  status: number,
  contentType: string,
  body: string | ((request: AnsweredRequest) => string),
): ImgurReply {
  return { answer: { status, contentType, body } };
}

export function refusal(status: number, error: string): ImgurReply {
  return answer(status, 'application/json', ({ path, method }) =>
    json({ data: { error, request: path, method }, success: false, status }),
  );
}

export function exception(status: number, code: number, message: string): ImgurReply {
  const error = { code, message, type: 'ImgurException', exception: [] };
  return answer(status, 'application/json', ({ path, method }) =>
    json({ data: { error, request: path, method }, success: false, status }),
  );
}

export function page(status: number, html: string): ImgurReply {
  return { ...answer(status, 'text/html; charset=utf-8', html), edge: true };
}

export function nginx(title: string): string {
  return `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`;
}

export function alterData(changes: Readonly<Record<string, unknown>>): ImgurReply {
  return { alter: (body) => withData(body, changes) };
}

export function withData(
  body: { readonly data: object },
  changes: Readonly<Record<string, unknown>>,
): unknown {
  return { ...body, data: { ...body.data, ...changes } };
}

export function json(value: unknown): string {
  return JSON.stringify(value);
}

export function tooManyRequests(): ImgurReply {
  const error = {
    id: 'legacy-api-7d9c5b',
    code: '429',
    status: 'Too Many Requests',
    detail: 'Too Many Requests',
  };
  return answer(429, 'application/vnd.imgur.v1+json', json({ errors: [error] }));
}
