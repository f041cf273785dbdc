using System.Diagnostics.CodeAnalysis;

/// <summary>
/// Runs in a worker process before its Main, because the host names this assembly in DOTNET_STARTUP_HOOKS: a worker does not notice that
/// its host is gone, and would stay for ever. Uses nothing but the platform, which is all that a hook can count on.
/// </summary>
[SuppressMessage("Design", "CA1050:Declare types in namespaces", Justification = "The runtime looks for this name without a namespace.")]
internal static class StartupHook
{
    public static void Initialize()
    {
        Environment.SetEnvironmentVariable("DOTNET_STARTUP_HOOKS", null); // For this process only, not for those that it starts.
        Thread watch = new(ExitWithHost) { IsBackground = true, Name = "Watches for the end of the Functions host" };
        watch.Start();
    }

    // Standard input is a pipe of the host's, which the system closes when the host has ended, also when it was killed.
    private static void ExitWithHost()
    {
        using Stream input = Console.OpenStandardInput();
        Span<byte> buffer = stackalloc byte[16];
        while (input.Read(buffer) > 0)
        {
        }
        Environment.Exit(0);
    }
}
