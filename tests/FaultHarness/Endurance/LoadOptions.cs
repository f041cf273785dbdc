namespace Serverless.FaultHarness.Endurance;

/// <summary>What the command line says after <c>load</c>.</summary>
internal sealed record LoadOptions
{
    public TimeSpan Duration { get; init; } = TimeSpan.FromMinutes(10);

    public int Clients { get; init; } = 16;

    /// <summary>Commands a second that the clients together try to send.</summary>
    public int Rate { get; init; } = 100;

    public int Seed { get; init; } = 7;

    /// <exception cref="FormatException">An option is unknown or its value is not possible; the message says which.</exception>
    public static LoadOptions Parse(IReadOnlyList<string> args)
    {
        LoadOptions options = new();
        for (int i = 0; i < args.Count; i++)
        {
            options = args[i] switch
            {
                "--minutes" => options with { Duration = TimeSpan.FromMinutes(HarnessOptions.Number(args, ref i, 1, 10_000)) },
                "--clients" => options with { Clients = HarnessOptions.Number(args, ref i, 1, 256) },
                "--rate" => options with { Rate = HarnessOptions.Number(args, ref i, 1, 100_000) },
                "--seed" => options with { Seed = HarnessOptions.Number(args, ref i, 0, int.MaxValue) },
                _ => throw new FormatException($"There is no option '{args[i]}' of load."),
            };
        }
        return options;
    }
}
