using Microsoft.Azure.Cosmos;
using Serverless.CosmosEmulator;
using Serverless.CosmosEmulator.Durability;
using Serverless.FunctionsHost;

if (args.Contains("--help") || args.Contains("-h"))
{
    Console.WriteLine(LocalHostOptions.Usage);
    return 0;
}
LocalHostOptions options;
try
{
    options = LocalHostOptions.Parse(args);
    options = options with { LogsWork = !options.IsDemo }; // The demo says itself what happens.
}
catch (FormatException e)
{
    Console.Error.WriteLine($"{e.Message}\n\n{LocalHostOptions.Usage}");
    return 2;
}
try
{
    await using AspireDashboard? dashboard = options.HasDashboard ? await AspireDashboard.StartAsync(CancellationToken.None) : null;
    if (dashboard is not null)
    {
        options = options with { Settings = AspireDashboard.Settings };
    }
    await using LocalSystem system = await LocalSystem.StartAsync(options, CancellationToken.None);
    if (options.IsDemo)
    {
        return await BankDay.PlayAsync(system.ApiAddress, Console.Out, CancellationToken.None) ? 0 : 1;
    }
    Console.WriteLine(Welcome.Text(system.ApiAddress, system.CosmosAddress, options));
    foreach (string consumer in system.Unfed)
    {
        Console.Error.WriteLine($"{consumer} gets no events: no function has it as the prefix of its leases. Add one to src/Functions/Projections/BankingConsumers.cs.");
    }
    await system.WaitForShutdownAsync(CancellationToken.None);
    Console.WriteLine("Stopping.");
    return 0;
}
catch (CosmosException e)
{
    // Not the message: it is pages of diagnostics.
    Console.Error.WriteLine($"The database refuses to be used: {(int)e.StatusCode} {e.StatusCode}.");
    return 1;
}
catch (PortTakenException e)
{
    Console.Error.WriteLine(e.Refusal is { } refusal
        ? $"Port {e.Port} can't be listened on ({refusal}). Choose another port for the emulator with --cosmos-port."
        : $"Port {e.Port} is taken by another program. Stop it, or choose another port for the emulator with --cosmos-port.");
    return 1;
}
catch (Exception e) when (e is StoreException or AddressTakenException or CosmosUnreachableException or WorkerStartException or DashboardException or FunctionIndexingException or FormatException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
