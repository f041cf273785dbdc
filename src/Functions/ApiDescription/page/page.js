// The document stands beside this page, whatever prefix and proxies are in front of both.
window.SwaggerUIBundle({
  url: new URL('openapi.json', document.baseURI).href,
  dom_id: '#api',
  deepLinking: true,
  docExpansion: 'list',
  filter: true,
  // Nothing is asked of another host: neither a validator nor a font.
  validatorUrl: null,
});
