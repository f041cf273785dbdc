using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;

namespace Serverless.Benchmarks;

/// <summary>A published program and the first request that it is asked.</summary>
/// <param name="Name">As the table calls it.</param>
/// <param name="Project">From the root of the repository.</param>
/// <param name="IsReadyToRun">Whether it is compiled ahead, as for the cloud.</param>
/// <param name="Arguments">Of the command line, by its port.</param>
/// <param name="Path">Where it takes its first request, a POST; it must be answered with 2xx.</param>
/// <param name="Body">JSON.</param>
internal sealed record StartedProgram(string Name, string Project, bool IsReadyToRun, Func<int, string> Arguments, Func<string> Path, string Body)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Settings of the program, as environment variables.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    private string Output => $"{Project.Replace('/', '-')}{(IsReadyToRun ? "-r2r" : "")}";

    /// <summary>Publishes it below <paramref name="directory"/>, unless that was done.</summary>
    /// <exception cref="InvalidOperationException">It can't be published; the message is what the build said.</exception>
    public async Task PublishAsync(string root, string directory)
    {
        string output = System.IO.Path.Combine(directory, Output);
        if (Directory.Exists(output))
        {
            return;
        }
        string ahead = IsReadyToRun ? "--runtime linux-x64 --self-contained false -p:PublishReadyToRun=true" : "";
        using Process build = Process.Start(new ProcessStartInfo("dotnet", $"publish {Project} -c Release -v q --nologo {ahead} -o {output}")
        {
            WorkingDirectory = root,
            RedirectStandardOutput = true,
        })!;
        string said = await build.StandardOutput.ReadToEndAsync();
        await build.WaitForExitAsync();
        if (build.ExitCode != 0)
        {
            throw new InvalidOperationException($"{Project} can't be published: {said}");
        }
    }

    /// <summary>From the start of the process to the answer of its first request.</summary>
    /// <exception cref="InvalidOperationException">It did not answer, or refused.</exception>
    public async Task<ColdStartTime> MeasureAsync(string directory, int port)
    {
        string assembly = System.IO.Path.Combine(directory, Output, $"Serverless.{System.IO.Path.GetFileName(Project)}.dll");
        ProcessStartInfo start = new("dotnet", $"{assembly} {Arguments(port)}") { RedirectStandardOutput = true, WorkingDirectory = directory };
        foreach ((string name, string value) in Settings)
        {
            start.Environment[name] = value;
        }
        using HttpClient http = new() { BaseAddress = new Uri($"http://localhost:{port}") };
        long began = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { }; // Read, so that a full pipe never stops it.
        process.BeginOutputReadLine();
        try
        {
            while (!await IsAnsweredAsync(http))
            {
                if (process.HasExited || Stopwatch.GetElapsedTime(began) > Patience)
                {
                    throw new InvalidOperationException($"{Name} does not answer.");
                }
                await Task.Delay(TimeSpan.FromMilliseconds(2));
            }
            TimeSpan elapsed = Stopwatch.GetElapsedTime(began);
            process.Refresh();
            return new ColdStartTime(elapsed, process.TotalProcessorTime);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    private async Task<bool> IsAnsweredAsync(HttpClient http)
    {
        using StringContent body = new(Body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        try
        {
            using HttpResponseMessage response = await http.PostAsync(Path(), body);
            return response.IsSuccessStatusCode
                ? true
                : throw new InvalidOperationException($"{Name} answers {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
        }
        catch (HttpRequestException)
        {
            return false; // Nobody listens yet.
        }
    }
}

/// <summary>What one start took.</summary>
/// <param name="Elapsed">By the clock.</param>
/// <param name="Cpu">On all processors, by the program alone.</param>
internal readonly record struct ColdStartTime(TimeSpan Elapsed, TimeSpan Cpu);
