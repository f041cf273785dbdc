using Microsoft.AspNetCore.Http;

namespace Serverless.FunctionsHost;

/// <summary>Settings of the local host, read from the configuration section FunctionsHost and changed by code after that.</summary>
public sealed class FunctionsHostOptions
{
    /// <summary>The port of Azure's own local tools.</summary>
    public const int DefaultPort = 7071;

    /// <summary>If any is named, only the functions of these classes run.</summary>
    public IList<Type> FunctionClasses { get; } = [];

    /// <summary>Whether authorization levels are enforced, as in Azure. Off by default, as when developing locally.</summary>
    public bool RequireKeys { get; set; }

    public FunctionKeyOptions Keys { get; set; } = new();

    /// <summary>The largest request body; 100 MB as the real host. A larger one is answered 500, as there.</summary>
    public long MaxRequestBodyBytes { get; set; } = 104_857_600;

    /// <summary>
    /// How long an empty change feed is left alone, instead of what triggers say. Short, so that changes show at once, costs nothing
    /// here; in Azure every empty look costs request units.
    /// </summary>
    public TimeSpan? FeedPollDelay { get; set; }

    /// <summary>
    /// How long after its last renewal the lease of a dead host is taken over, instead of what triggers say (60 s unless they say
    /// otherwise). Renewals and looks for free leases become more frequent in the same proportion.
    /// </summary>
    public TimeSpan? LeaseExpiration { get; set; }

    /// <summary>
    /// Names, other than those of this machine and of the addresses listened on, under which requests may reach this host; * for every name.
    /// </summary>
    public IList<string> AllowedHosts { get; } = [];

    /// <summary>Paths that the program around this host answers itself, before any function is looked for.</summary>
    public IDictionary<string, RequestDelegate> OwnRoutes { get; } = new Dictionary<string, RequestDelegate>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Where timers keep when they ran last, to make up for a run that was missed while the host was down; null for nowhere.</summary>
    public string? TimerDirectory { get; set; }

    /// <summary>Whether the functions and their addresses are written to the console on start.</summary>
    public bool PrintFunctions { get; set; } = true;
}

/// <summary>The keys a caller may show. They are settings, so that nothing secret is ever in a file of the repository.</summary>
public sealed class FunctionKeyOptions
{
    /// <summary>Opens everything.</summary>
    public string? Master { get; set; }

    /// <summary>Open every function of level Function, by name of the key.</summary>
    public IDictionary<string, string> Host { get; set; } = new Dictionary<string, string>();

    /// <summary>Open the level System, by name of the key.</summary>
    public IDictionary<string, string> System { get; set; } = new Dictionary<string, string>();

    /// <summary>By function name, then by name of the key: open that one function.</summary>
    public IDictionary<string, Dictionary<string, string>> Functions { get; set; } =
        new Dictionary<string, Dictionary<string, string>>(StringComparer.OrdinalIgnoreCase);
}
