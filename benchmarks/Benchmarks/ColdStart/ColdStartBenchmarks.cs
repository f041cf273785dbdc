using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.Azure.Cosmos;
using Microsoft.Azure.Functions.Worker;
using Serverless.CosmosEmulator;
using Serverless.EventSourcing.Cosmos;
using Serverless.Functions;

namespace Serverless.Benchmarks;

/// <summary>
/// From the start of a process to its first answered command, against an empty ASP.NET Core app that is published the same way and
/// started in turn with it.
/// </summary>
internal static class ColdStartBenchmarks
{
    private const string LocalHost = "src/LocalHost";
    private const string Baseline = "benchmarks/ColdStart.Baseline";
    private const string OpenAccount = """{"owner":"alice","currency":"EUR"}""";

    public static async Task RunAsync(int rounds)
    {
        string root = RepositoryRoot();
        string directory = Directory.CreateTempSubdirectory("serverless-cold-start-").FullName;
        try
        {
            await using EmbeddedCosmos emulator = EmbeddedCosmos.Create();
            await emulator.ListenAsync(0, CancellationToken.None);
            await PrepareAsync(emulator);
            foreach (bool isReadyToRun in new[] { false, true })
            {
                StartedProgram[] programs = [.. Programs(emulator.ConnectionString, isReadyToRun)];
                foreach (StartedProgram program in programs)
                {
                    await program.PublishAsync(root, directory);
                }
                await MeasureAsync(programs, directory, rounds, isReadyToRun ? "compiled ahead (ReadyToRun)" : "as built");
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static IEnumerable<StartedProgram> Programs(string connection, bool isReadyToRun)
    {
        yield return new("empty ASP.NET Core app", Baseline, isReadyToRun, port => $"--urls http://localhost:{port}", () => "/", "{}");
        yield return new("the same with one write by the client", Baseline, isReadyToRun, port => $"--urls http://localhost:{port} --cosmos {connection}", () => "/", "{}");
        Dictionary<string, string> deployed = new() { ["CosmosDB"] = connection, ["CosmosConnectionMode"] = "Gateway" };
        yield return new("functions of HTTP, as in the cloud", LocalHost, isReadyToRun, port => $"--port {port} --cosmos setting", NewAccount, OpenAccount)
        {
            // There, the change feed is read by the host, in a process of its own.
            Settings = deployed.Concat(FeedFunctions().Select(f => KeyValuePair.Create($"AzureWebJobs.{f}.Disabled", "true"))).ToDictionary(),
        };
        yield return new("all functions, database in another process", LocalHost, isReadyToRun, port => $"--port {port} --cosmos setting", NewAccount, OpenAccount)
        {
            Settings = deployed,
        };
        yield return new("whole local system", LocalHost, isReadyToRun, port => $"--port {port} --cosmos-port none", NewAccount, OpenAccount);
    }

    private static IEnumerable<string> FeedFunctions() =>
        from type in typeof(ServiceRegistration).Assembly.GetTypes()
        from method in type.GetMethods()
        where method.GetParameters().Any(p => p.IsDefined(typeof(CosmosDBTriggerAttribute), inherit: false))
        select method.GetCustomAttribute<FunctionAttribute>()!.Name;

    private static async Task MeasureAsync(StartedProgram[] programs, string directory, int rounds, string published)
    {
        List<ColdStartTime>[] times = [.. programs.Select(_ => new List<ColdStartTime>())];
        for (int i = -1; i < rounds; i++)
        {
            for (int p = 0; p < programs.Length; p++)
            {
                ColdStartTime time = await programs[p].MeasureAsync(directory, FreePort());
                if (i >= 0) // The first start finds files that nobody has read.
                {
                    times[p].Add(time);
                }
            }
        }
        Console.WriteLine($"\n| {published} | ms | ratio to the empty app (min–max) | CPU ms | ratio of CPU time (min–max) |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: |");
        for (int p = 0; p < programs.Length; p++)
        {
            Console.WriteLine(
                $"| {programs[p].Name} | {Milliseconds(times[p], t => t.Elapsed)} | {Ratios(times[p], times[0], t => t.Elapsed)} "
                + $"| {Milliseconds(times[p], t => t.Cpu)} | {Ratios(times[p], times[0], t => t.Cpu)} |");
        }
    }

    private static string Milliseconds(List<ColdStartTime> times, Func<ColdStartTime, TimeSpan> value) =>
        Median(times.Select(t => value(t).TotalMilliseconds)).ToString("F0", CultureInfo.InvariantCulture);

    // Round by round, so that it holds when the machine's speed drifts.
    private static string Ratios(List<ColdStartTime> ours, List<ColdStartTime> empty, Func<ColdStartTime, TimeSpan> value)
    {
        double[] ratios = [.. ours.Zip(empty, (a, b) => value(a) / value(b)).Order()];
        return string.Create(CultureInfo.InvariantCulture, $"**{Median(ratios):F2}** ({ratios[0]:F2}–{ratios[^1]:F2})");
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private static string NewAccount() => $"/api/account/{Guid.NewGuid():N}/open";

    // Containers are there before the first start, as in the cloud.
    private static async Task PrepareAsync(EmbeddedCosmos emulator)
    {
        using CosmosClient client = new(emulator.ConnectionString, new CosmosClientOptions { ConnectionMode = ConnectionMode.Gateway });
        await new ContainerProvisioning(client, CosmosSettings.DefaultDatabase).EnsureAsync(CancellationToken.None);
        Database baseline = await client.CreateDatabaseIfNotExistsAsync("baseline");
        await baseline.CreateContainerIfNotExistsAsync("items", "/id");
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string RepositoryRoot([CallerFilePath] string file = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "../../.."));
}
