using System.Globalization;

namespace Serverless.LocalHost;

/// <summary>What the command line says.</summary>
public sealed record LocalHostOptions
{
    public const int AnyFreePort = 0;

    /// <summary>Where the API is; the port of Azure's own tools.</summary>
    public int Port { get; init; } = 7071;

    /// <summary>Where other programs reach the emulator; null for nowhere.</summary>
    public int? CosmosPort { get; init; } = 8081;

    /// <summary>Physical partitions of each container, as many as the change feed has leases.</summary>
    public int Partitions { get; init; } = 1;

    /// <summary>Where the database is kept on disk; null to keep it in memory only.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>The emulator or account that the functions use instead of an emulator in this process.</summary>
    public Uri? CosmosUrl { get; init; }

    /// <summary>As <see cref="CosmosUrl"/>, for the account that the setting CosmosDB names.</summary>
    public bool UsesConfiguredCosmos { get; init; }

    /// <summary>Whether the emulator runs in this process.</summary>
    public bool HasEmulator => CosmosUrl is null && !UsesConfiguredCosmos;

    /// <summary>Whether the function app runs in a process of its own, as in the cloud, and not in this one.</summary>
    public bool HasWorkerProcess { get; init; }

    /// <summary>Play a day at the bank and stop.</summary>
    public bool IsDemo { get; init; }

    /// <summary>Start the Aspire dashboard, and send it traces, metrics, and logs.</summary>
    public bool HasDashboard { get; init; }

    /// <summary>Log every function that runs.</summary>
    public bool IsVerbose { get; init; }

    /// <summary>Log a line for every command and every batch, for somebody who looks at the screen.</summary>
    public bool LogsWork { get; init; }

    /// <summary>More settings of the function app, by name; for programs that start the system themselves.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; init; } = NoSettings;

    private static readonly IReadOnlyDictionary<string, string?> NoSettings = new Dictionary<string, string?>();

    private static readonly string[] OfTheEmulator = ["--cosmos-port", "--partitions", "--data", "--demo"];

    public const string Usage = """
        dotnet run --project src/LocalHost -- [options]

          --port N          port of the API; 0 for any free one           (7071)
          --cosmos-port N   port of the Cosmos DB emulator; 0 for any free
                            one, none to keep it inside this process      (8081)
          --partitions N    physical partitions of each container, 1-100  (1)
          --data DIR        keeps the database on disk, for the next start (memory)
          --cosmos URL      functions only, on an emulator that runs at this
                            address of this machine, or on an account that the
                            identity of whoever starts this may use; several
                            hosts may share it. "setting" takes the account
                            from the setting CosmosDB, a connection string
          --worker-process  runs the function app in a process of its own, as in
                            the cloud, and starts another when it dies
          --demo            plays a short day at the bank on free ports,
                            shows what happens, and stops
          --dashboard       starts the Aspire dashboard on port 18888 and sends
                            it traces, metrics and logs; the first time, NuGet
                            restores it
          --verbose         logs every function that runs
          --help            shows this
        """;

    /// <exception cref="FormatException">An option is unknown or its value is not possible; the message says which.</exception>
    public static LocalHostOptions Parse(IReadOnlyList<string> args)
    {
        ArgumentNullException.ThrowIfNull(args);
        LocalHostOptions options = args.Contains("--demo")
            ? new LocalHostOptions { IsDemo = true, Port = AnyFreePort, CosmosPort = null }
            : new LocalHostOptions();
        for (int i = 0; i < args.Count; i++)
        {
            options = args[i] switch
            {
                "--port" => options with { Port = Number(args, ref i, 0, 65_535) },
                "--cosmos-port" when i + 1 < args.Count && args[i + 1] == "none" => options with { CosmosPort = Skip(ref i) },
                "--cosmos-port" => options with { CosmosPort = Number(args, ref i, 0, 65_535) },
                "--partitions" => options with { Partitions = Number(args, ref i, 1, 100) },
                "--cosmos" when i + 1 < args.Count && args[i + 1] == "setting" => options with { UsesConfiguredCosmos = Skip(ref i) is null },
                "--cosmos" => options with { CosmosUrl = Url(args, ref i) },
                "--data" => options with { DataDirectory = Text(args, ref i) },
                "--worker-process" => options with { HasWorkerProcess = true },
                "--demo" => options,
                "--dashboard" => options with { HasDashboard = true },
                "--verbose" => options with { IsVerbose = true },
                _ => throw new FormatException($"There is no option '{args[i]}'."),
            };
        }
        return options.HasEmulator || Array.Find(OfTheEmulator, args.Contains) is not { } option
            ? options
            : throw new FormatException($"{option} is for an emulator in this process; with --cosmos there is none.");
    }

    private static int Number(IReadOnlyList<string> args, ref int i, int min, int max)
    {
        string option = args[i];
        string? text = ++i < args.Count ? args[i] : null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= min && number <= max
            ? number
            : throw new FormatException($"{option} takes a whole number from {min} to {max}{(text is null ? "" : $", not '{text}'")}.");
    }

    private static string Text(IReadOnlyList<string> args, ref int i)
    {
        string option = args[i];
        return ++i < args.Count && args[i].Length > 0 ? args[i] : throw new FormatException($"{option} takes a directory.");
    }

    private static Uri Url(IReadOnlyList<string> args, ref int i) =>
        ++i < args.Count && Uri.TryCreate(args[i], UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0
            ? url
            : throw new FormatException("--cosmos takes the URL of an emulator or account, such as http://localhost:8081, or the word setting.");

    private static int? Skip(ref int i)
    {
        i++;
        return null;
    }
}
