using System.Reflection;

namespace Serverless.Functions.ApiDescription;

/// <summary>A file of the page. Those of Swagger UI are packed, as every browser takes them.</summary>
internal sealed record ApiPageFile(string Name, string ContentType, bool IsPacked = true)
{
    /// <summary>No script and no style but the files beside the page, no other host, and no frame around it.</summary>
    public const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static ApiPageFile Page { get; } = new("index.html", "text/html; charset=utf-8", IsPacked: false);

    private static readonly ApiPageFile[] All =
    [
        new("page.js", "text/javascript; charset=utf-8", IsPacked: false),
        new("page.css", "text/css; charset=utf-8", IsPacked: false),
        new("swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
        new("swagger-ui.css", "text/css; charset=utf-8"),
        new("favicon-32x32.png", "image/png"),
        new("LICENSE", "text/plain; charset=utf-8"),
        new("NOTICE", "text/plain; charset=utf-8"),
    ];

    public static ApiPageFile? Find(string name) => All.FirstOrDefault(f => f.Name == name);

    public Stream Open() => Assembly.GetExecutingAssembly().GetManifestResourceStream($"docs/{Name}")
        ?? throw new InvalidOperationException($"The assembly lacks docs/{Name}: see ApiPage.targets.");
}
