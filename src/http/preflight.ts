/** What a browser asks before it asks for something else from another origin. */
export function preflight(request: Request, allowOrigin: string, methods = 'GET,POST,OPTIONS'): Response {
  const headers = {
    'access-control-allow-origin': allowOrigin,
    'access-control-allow-methods': methods,
    'access-control-allow-headers': request.headers.get('access-control-request-headers') ?? '*',
    'access-control-max-age': '600',
  };
  return new Response(null, { status: 204, headers });
}
