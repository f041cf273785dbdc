using System.Collections.Frozen;
using System.Reflection;

namespace Serverless.Functions.Console;

/// <summary>A file of the console, as it is embedded in this assembly. It holds no data: the page asks for that with the key that it is given.</summary>
internal sealed record ConsoleFile(string ContentType, ReadOnlyMemory<byte> Content, string ETag)
{
    public const string Page = "index.html";

    /// <summary>
    /// No script and no style but the files beside the page, requests to this host only, no frame around it, and no way to make markup of
    /// a text: the browser refuses every sink that would.
    /// </summary>
    public const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        + "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    private const string Folder = "console/";

    private static readonly Assembly Assembly = typeof(ConsoleFile).Assembly;

    private static readonly FrozenDictionary<string, Lazy<ConsoleFile>> All = Assembly.GetManifestResourceNames()
        .Where(n => n.StartsWith(Folder, StringComparison.Ordinal))
        .ToFrozenDictionary(n => n[Folder.Length..], n => new Lazy<ConsoleFile>(() => Read(n)), StringComparer.Ordinal);

    public static ConsoleFile? Find(string name) => All.GetValueOrDefault(name)?.Value;

    private static ConsoleFile Read(string resource)
    {
        using Stream stream = Assembly.GetManifestResourceStream(resource)!;
        byte[] content = new byte[stream.Length];
        stream.ReadExactly(content);
        return new ConsoleFile(TypeOf(resource), content, Views.ContentTag.Of(content));
    }

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        string other => throw new InvalidOperationException($"{name}: no content type for {other}."),
    };
}
