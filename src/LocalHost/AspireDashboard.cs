using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Serverless.LocalHost;

/// <summary>
/// The Aspire dashboard beside this program, from its NuGet package and without a container. The package has 80 MB, so it is restored when
/// somebody asks for it and not with the solution.
/// </summary>
internal sealed class AspireDashboard : IAsyncDisposable
{
    private const string Version = "13.6.5";
    private const int LinesKept = 20;

    private static readonly TimeSpan PatienceAtStart = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(200);
    private static readonly Uri Collector = new("http://localhost:4318");

    private readonly Process process;

    private AspireDashboard(Process process) => this.process = process;

    public static Uri Address { get; } = new("http://localhost:18888");

    /// <summary>What makes the function app send its traces, metrics, and logs there, within a second or a few.</summary>
    public static IReadOnlyDictionary<string, string?> Settings { get; } = new Dictionary<string, string?>
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Collector.AbsoluteUri,
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_SERVICE_NAME"] = "local-host",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "1000",
        ["OTEL_BLRP_SCHEDULE_DELAY"] = "1000",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "5000",
    };

    /// <summary>Returns when its page answers.</summary>
    /// <exception cref="DashboardException">It can't be restored, or does not start; the message says why.</exception>
    public static async Task<AspireDashboard> StartAsync(CancellationToken cancellationToken)
    {
        string program = await FindAsync(cancellationToken);
        ConcurrentQueue<string> said = [];
        Process process = Run(program, [], Path.GetDirectoryName(program)!, said, new()
        {
            ["ASPNETCORE_URLS"] = Address.AbsoluteUri,
            ["ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"] = Collector.AbsoluteUri,
            ["ASPIRE_DASHBOARD_UNSECURED_ALLOW_ANONYMOUS"] = "true", // It listens on this machine only.
        });
        AspireDashboard dashboard = new(process);
        try
        {
            await WaitAsync(process, said, cancellationToken);
            return dashboard;
        }
        catch
        {
            await dashboard.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }
        process.Dispose();
    }

    private static async Task WaitAsync(Process process, ConcurrentQueue<string> said, CancellationToken cancellationToken)
    {
        using HttpClient http = new();
        for (long start = Stopwatch.GetTimestamp(); !await AnswersAsync(http, cancellationToken);)
        {
            if (process.HasExited || Stopwatch.GetElapsedTime(start) > PatienceAtStart)
            {
                throw new DashboardException($"The Aspire dashboard did not start on {Address} and {Collector}. It said:\n{string.Join('\n', said)}");
            }
            await Task.Delay(LookInterval, cancellationToken);
        }
    }

    private static async Task<bool> AnswersAsync(HttpClient http, CancellationToken cancellationToken)
    {
        try
        {
            using HttpResponseMessage response = await http.GetAsync(Address, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static async Task<string> FindAsync(CancellationToken cancellationToken)
    {
        string package = $"Aspire.Dashboard.Sdk.{Platform}";
        string program = Path.Combine(
            Packages, package.ToLowerInvariant(), Version, "tools", OperatingSystem.IsWindows() ? "Aspire.Dashboard.exe" : "Aspire.Dashboard");
        if (!File.Exists(program))
        {
            Console.WriteLine($"Restoring {package} {Version}, once (80 MB).");
            await RestoreAsync(package, cancellationToken);
        }
        if (!File.Exists(program))
        {
            throw new DashboardException($"The package {package} {Version} has no {program}.");
        }
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(program, File.GetUnixFileMode(program) | UnixFileMode.UserExecute); // NuGet unpacks without it.
        }
        return program;
    }

    /// <summary>By a project that has only this package to download, so that sources and credentials are those of any restore here.</summary>
    private static async Task RestoreAsync(string package, CancellationToken cancellationToken)
    {
        string folder = Directory.CreateTempSubdirectory("aspire-dashboard-").FullName;
        try
        {
            await File.WriteAllTextAsync(
                Path.Combine(folder, "dashboard.csproj"),
                $"""
                <Project Sdk="Microsoft.NET.Sdk">
                  <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
                  <ItemGroup><PackageDownload Include="{package}" Version="[{Version}]" /></ItemGroup>
                </Project>
                """,
                cancellationToken);
            ConcurrentQueue<string> said = [];
            using Process restore = Run("dotnet", ["restore"], folder, said, []);
            await restore.WaitForExitAsync(cancellationToken);
            if (restore.ExitCode != 0)
            {
                throw new DashboardException($"{package} {Version} can't be restored. NuGet said:\n{string.Join('\n', said)}");
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Process Run(
        string program, IReadOnlyList<string> arguments, string folder, ConcurrentQueue<string> said, Dictionary<string, string> variables)
    {
        ProcessStartInfo start = new(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in variables)
        {
            start.Environment[name] = value;
        }
        Process process = new() { StartInfo = start };
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            process.Dispose();
            throw new DashboardException($"{program} can't be started: {e.Message}");
        }
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;

        void Keep(object sender, DataReceivedEventArgs line)
        {
            if (line.Data is { Length: > 0 } text)
            {
                said.Enqueue(text);
                while (said.Count > LinesKept)
                {
                    said.TryDequeue(out _);
                }
            }
        }
    }

    private static string Packages => Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } folder
        ? folder
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private static string Platform =>
        $"{(OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux")}-{(RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "x64")}";
}

/// <summary>The dashboard is not to be had; the message says why.</summary>
internal sealed class DashboardException(string message) : Exception(message);
