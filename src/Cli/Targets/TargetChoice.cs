using System.CommandLine;

namespace Serverless.Cli.Targets;

/// <summary>Where to ask: exactly one of <paramref name="Url"/> and <paramref name="Store"/>.</summary>
/// <param name="Url">The function app, with or without <c>/api</c>.</param>
/// <param name="Key">A function key of the app; never printed.</param>
/// <param name="Store">A connection string, the URL of an account, or the data folder of the emulator; never printed.</param>
/// <param name="Database">In the store.</param>
/// <param name="UseGateway">HTTPS instead of TCP to the replicas.</param>
internal sealed record TargetChoice(Uri? Url, string? Key, string? Store, string? Database, bool UseGateway)
{
    public override string ToString() => Url is null ? "a store" : Url.GetLeftPart(UriPartial.Path);
}

/// <summary>The options of every command that say where to ask, and the variables that stand in for them.</summary>
internal sealed class TargetOptions
{
    public const string UrlVariable = "EVENTCTL_URL";
    public const string KeyVariable = "EVENTCTL_KEY";
    public const string StoreVariable = "EVENTCTL_STORE";
    public const string DatabaseVariable = "EVENTCTL_DATABASE";

    private readonly Option<string?> url = new("--url")
    {
        Description = $"The HTTP API, such as http://localhost:7071 [{UrlVariable}]",
        HelpName = "url",
        Recursive = true,
    };

    private readonly Option<string?> key = new("--key")
    {
        Description = $"A function key of the app; the variable keeps it out of the list of processes [{KeyVariable}]",
        HelpName = "key",
        Recursive = true,
    };

    private readonly Option<string?> store = new("--store")
    {
        Description = $"Without the API: a connection string, the URL of an account, or the data folder of an emulator that does not run [{StoreVariable}]",
        HelpName = "store",
        Recursive = true,
    };

    private readonly Option<string?> database = new("--database")
    {
        Description = $"The database in the store (serverless) [{DatabaseVariable}]",
        HelpName = "name",
        Recursive = true,
    };

    private readonly Option<bool> gateway = new("--gateway")
    {
        Description = "Reach the store by HTTPS only, where the network lets nothing else pass",
        Recursive = true,
    };

    private readonly Option<bool> allowHttp = new("--allow-http")
    {
        Description = "Allow http:// to another machine, which sends the key and all data unencrypted",
        Recursive = true,
    };

    public void AddTo(RootCommand root)
    {
        foreach (Option option in (Option[])[url, key, store, database, gateway, allowHttp])
        {
            root.Options.Add(option);
        }
    }

    /// <summary>An option wins over every variable, so that a shell with variables can still ask elsewhere.</summary>
    /// <exception cref="ToolException">Nothing or too much is named.</exception>
    public TargetChoice Read(ParseResult parsed, Func<string, string?> variable)
    {
        string? urlText = NullIfEmpty(parsed.GetValue(url));
        string? storeText = NullIfEmpty(parsed.GetValue(store));
        if (urlText is null && storeText is null)
        {
            urlText = NullIfEmpty(variable(UrlVariable));
            storeText = NullIfEmpty(variable(StoreVariable));
        }
        return (urlText, storeText) switch
        {
            (null, null) => throw ToolException.Usage($"Say where to ask: --url (or {UrlVariable}) for the HTTP API, --store (or {StoreVariable}) for a store."),
            (not null, not null) => throw ToolException.Usage("Both the HTTP API and a store are named; name one, with --url or --store."),
            _ => new TargetChoice(
                urlText is null ? null : Encrypted(Api(urlText), parsed),
                NullIfEmpty(parsed.GetValue(key)) ?? NullIfEmpty(variable(KeyVariable)),
                storeText is null ? null : Encrypted(storeText, parsed),
                NullIfEmpty(parsed.GetValue(database)) ?? NullIfEmpty(variable(DatabaseVariable)),
                parsed.GetValue(gateway)),
        };
    }

    /// <summary>An address on this machine, or one that TLS protects; anything else only when it is asked for.</summary>
    private Uri Encrypted(Uri address, ParseResult parsed) => address.Scheme == Uri.UriSchemeHttps || address.IsLoopback || parsed.GetValue(allowHttp)
        ? address
        : throw ToolException.Usage($"http:// would send the key to {address.Host} unencrypted. Use https://, or --allow-http if you accept that.");

    /// <summary>A store is an address, a connection string with one, or a folder.</summary>
    private string Encrypted(string storeText, ParseResult parsed)
    {
        string address = storeText.Split(';')
            .Select(p => p.Split('=', 2, StringSplitOptions.TrimEntries))
            .FirstOrDefault(p => p is [var name, _] && name.Equals("AccountEndpoint", StringComparison.OrdinalIgnoreCase))?[1] ?? storeText;
        if (Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) && uri.Scheme == Uri.UriSchemeHttp)
        {
            _ = Encrypted(uri, parsed);
        }
        return storeText;
    }

    /// <summary>Ends in <c>/api/</c>, which everybody may leave out.</summary>
    private static Uri Api(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? given) || given.Scheme is not ("http" or "https"))
        {
            throw ToolException.Usage("--url takes the address of the API, such as http://localhost:7071.");
        }
        string path = given.AbsolutePath.TrimEnd('/');
        return new UriBuilder(given) { Path = path.EndsWith("/api", StringComparison.OrdinalIgnoreCase) ? $"{path}/" : $"{path}/api/", Query = "", Fragment = "" }.Uri;
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
