using System.Text;
using Serverless.FaultHarness;

namespace Serverless.EndToEnd.Tests.Faults;

/// <summary>The harness in its short form; docs/reliability.md has the long one. What it prints is the output of these tests.</summary>
public sealed class FaultHarnessTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)] // Workers and hosts are killed apart.
    public async Task A_system_that_is_killed_again_and_again_loses_nothing_and_does_nothing_twice(bool hasWorkerProcess)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Has no signals.");

        await using TestOutput lines = new(output);
        await using FaultRun run = new(new HarnessOptions { HasWorkerProcess = hasWorkerProcess }.Quick(), lines);

        Assert.True(await run.RunAsync(TestContext.Current.CancellationToken), "See the lines marked WRONG.");
    }

    private sealed class TestOutput(ITestOutputHelper output) : TextWriter
    {
        public override Encoding Encoding => Encoding.UTF8;

        public override Task WriteLineAsync(string? value)
        {
            output.WriteLine(value ?? "");
            return Task.CompletedTask;
        }
    }
}
