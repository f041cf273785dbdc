using Microsoft.Extensions.Configuration;

namespace Serverless.LocalWorker;

/// <summary>Where the functions can be reached. Known once the host has started, also when it was asked for any free port (0).</summary>
public sealed class LocalWorkerAddress
{
    private Uri? bound;

    public Uri BaseAddress => bound ?? throw new InvalidOperationException("The host has not started.");

    internal void Set(Uri address) => bound = address;

    /// <summary>The setting urls, else the setting port (--port), on localhost.</summary>
    internal static IEnumerable<string> Configured(IConfiguration configuration)
    {
        string urls = configuration["urls"] ?? $"http://localhost:{configuration.GetValue("port", LocalWorkerOptions.DefaultPort)}";

        // Any free port has to be one number for all addresses of localhost, which no server can promise: it is IPv4 then.
        return urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(url => url.Replace("//localhost:0", "//127.0.0.1:0", StringComparison.OrdinalIgnoreCase));
    }
}

/// <summary>Nothing can listen where the functions should: another program does, or the operating system doesn't let this one.</summary>
public sealed class AddressTakenException : Exception
{
    public AddressTakenException(string address, Exception innerException)
        : base($"{address} is taken by another program. Stop it, or choose another port with --port.", innerException) => Address = address;

    internal AddressTakenException(string address, string refusal, Exception innerException)
        : base($"{address} can't be listened on ({refusal}). Choose another port with --port.", innerException) => Address = address;

    public string Address { get; }
}
