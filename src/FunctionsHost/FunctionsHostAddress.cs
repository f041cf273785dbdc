using Microsoft.Extensions.Configuration;

namespace Serverless.FunctionsHost;

/// <summary>Where the functions can be reached. Known once the host has started, also when it was asked for any free port (0).</summary>
public sealed class FunctionsHostAddress
{
    private Uri? bound;

    public Uri BaseAddress => bound ?? throw new InvalidOperationException("The host has not started.");

    /// <summary>The host names of all addresses that are listened on.</summary>
    internal IReadOnlyList<string> Names { get; private set; } = [];

    internal void Set(IEnumerable<string> addresses)
    {
        Uri[] all = [.. addresses.Select(address => new Uri(address.Replace("://[::]", "://localhost", StringComparison.Ordinal)))];
        bound = all[0];
        Names = [.. all.Select(address => address.Host)];
    }

    /// <summary>The setting urls, else the setting port (--port), on localhost.</summary>
    internal static IEnumerable<string> Configured(IConfiguration configuration)
    {
        string urls = configuration["urls"] ?? $"http://localhost:{configuration.GetValue("port", FunctionsHostOptions.DefaultPort)}";

        // Any free port has to be one number for all addresses of localhost, which no server can promise: it is IPv4 then.
        return urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(url => url.Replace("//localhost:0", "//127.0.0.1:0", StringComparison.OrdinalIgnoreCase));
    }
}
