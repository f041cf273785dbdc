using System.Globalization;

namespace Serverless.CosmosEmulator.Hosting;

/// <summary>What the program was started with.</summary>
internal sealed record Arguments
{
    private const int DefaultPort = 8081;
    private const int MaxPartitions = 256;

    private static readonly string[] ConsistencyLevels = ["Strong", "BoundedStaleness", "Session", "ConsistentPrefix", "Eventual"];

    public static string Help { get; } = $"""
        An emulator of Azure Cosmos DB for NoSQL on this machine, for clients in Gateway mode.

          --port N             where to listen on localhost; {DefaultPort} if not given, 0 for any free port
          --https              serve https with the development certificate of .NET, which is made when there is none
          --allow-hosts NAMES  other names of this machine that clients use, separated by commas, such as host.docker.internal
          --data DIR           keep everything in this directory; without it everything is in memory and gone at the end
          --fsync              with --data: force every write to the disk before it is acknowledged, so that a power cut loses none
          --partitions N       physical partitions of a new container, 1 to {MaxPartitions}; 1 if not given
          --consistency LEVEL  the account's default: {string.Join(", ", ConsistencyLevels)}; Session if not given
          --key KEY            the account's key, base64; the public key of all Cosmos DB emulators if not given
          --no-auth            accept requests without a valid signature
          --no-control         do not serve /_emulator/faults and /_emulator/split
          --log-requests       write a line for every request, with its estimated charge
          --help, --version

        Request charges are estimates.
        """;

    public int Port { get; private init; } = DefaultPort;

    public bool Https { get; private init; }

    public IReadOnlyList<string> AllowedHosts { get; private init; } = [];

    public string? Data { get; private init; }

    public bool Fsync { get; private init; }

    public int Partitions { get; private init; } = 1;

    public string Consistency { get; private init; } = "Session";

    public string? Key { get; private init; }

    public bool NoAuth { get; private init; }

    public bool NoControl { get; private init; }

    public bool LogRequests { get; private init; }

    /// <summary>Takes <c>--name value</c> and <c>--name=value</c>. Throws <see cref="BadArgumentException"/>.</summary>
    public static Arguments Parse(IReadOnlyList<string> args)
    {
        var parsed = new Arguments();
        HashSet<string> seen = [];
        for (int i = 0; i < args.Count; i++)
        {
            int equals = args[i].IndexOf('=', StringComparison.Ordinal);
            string name = equals < 0 ? args[i] : args[i][..equals];
            if (!seen.Add(name))
            {
                throw new BadArgumentException($"{name} was given twice.");
            }

            string Value() => equals >= 0 ? args[i][(equals + 1)..]
                : i + 1 < args.Count && !args[i + 1].StartsWith("--", StringComparison.Ordinal) ? args[++i]
                : throw new BadArgumentException($"{name} needs a value.");

            parsed = name switch
            {
                "--port" => parsed with { Port = Number(name, Value(), 0, 65535) },
                "--allow-hosts" => parsed with { AllowedHosts = Names(Value()) },
                "--data" => parsed with { Data = Directory(Value()) },
                "--partitions" => parsed with { Partitions = Number(name, Value(), 1, MaxPartitions) },
                "--consistency" => parsed with { Consistency = ConsistencyLevel(Value()) },
                "--key" => parsed with { Key = Base64(Value()) },
                _ when equals >= 0 => throw new BadArgumentException($"The option {name} is unknown or takes no value."),
                "--https" => parsed with { Https = true },
                "--fsync" => parsed with { Fsync = true },
                "--no-auth" => parsed with { NoAuth = true },
                "--no-control" => parsed with { NoControl = true },
                "--log-requests" => parsed with { LogRequests = true },
                _ => throw new BadArgumentException($"The option '{name}' is unknown."),
            };
        }

        return parsed.Fsync && parsed.Data is null ? throw new BadArgumentException("--fsync needs --data.") : parsed;
    }

    public CosmosEmulatorOptions ToOptions(Action<RequestRecord>? log, Action<string> notice)
    {
        var defaults = new CosmosEmulatorOptions();
        return defaults with
        {
            PartitionCount = Partitions,
            ConsistencyLevel = Consistency,
            Key = Key ?? defaults.Key,
            RequireKeyOverHttp = !NoAuth,
            ControlOverHttp = !NoControl,
            UseHttps = Https,
            AllowedHosts = AllowedHosts,
            DataDirectory = Data,
            SyncEveryCommit = Fsync,
            OnRequest = log,
            OnNotice = notice,
        };
    }

    private static int Number(string name, string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most
            ? number
            : throw new BadArgumentException($"{name} is a number from {least} to {most}, not '{text}'.");

    private static string Directory(string text) => text.Length > 0 ? text : throw new BadArgumentException("--data needs a directory.");

    private static string[] Names(string text)
    {
        string[] names = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return names.Length > 0 && Array.TrueForAll(names, name => Uri.CheckHostName(name) != UriHostNameType.Unknown)
            ? names
            : throw new BadArgumentException($"--allow-hosts is one or more host names separated by commas, without ports, not '{text}'.");
    }

    private static string ConsistencyLevel(string text) =>
        Array.Find(ConsistencyLevels, level => level.Equals(text, StringComparison.OrdinalIgnoreCase))
        ?? throw new BadArgumentException($"--consistency is one of {string.Join(", ", ConsistencyLevels)}, not '{text}'.");

    /// <summary>The message does not repeat the key: it may be a real one.</summary>
    private static string Base64(string text) =>
        text.Length > 0 && Convert.TryFromBase64String(text, new byte[text.Length], out _) ? text : throw new BadArgumentException("--key is not base64.");
}

/// <summary>The program can't be started like this; the message says what to change.</summary>
internal sealed class BadArgumentException(string message) : Exception(message);
