using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;

namespace Serverless.CosmosEmulator.Hosting;

/// <summary>The certificate that ASP.NET Core uses on a developer's machine; made by its own tool when there is none.</summary>
internal static class DevelopmentCertificate
{
    private const string Mark = "1.3.6.1.4.1.311.84.1.1";

    /// <summary>Throws <see cref="CertificateMissingException"/>.</summary>
    public static async Task<X509Certificate2> FindOrCreateAsync(CancellationToken cancellationToken)
    {
        if (Find() is { } found)
        {
            return found;
        }

        string? refusal = await CreateAsync(cancellationToken);
        return Find() ?? throw new CertificateMissingException(refusal);
    }

    private static X509Certificate2? Find()
    {
        using var store = new X509Store(StoreName.My, StoreLocation.CurrentUser);
        store.Open(OpenFlags.ReadOnly);
        return store.Certificates.Find(X509FindType.FindByTimeValid, TimeProvider.System.GetLocalNow().DateTime, validOnly: false)
            .Where(certificate => certificate.HasPrivateKey && certificate.Extensions.Any(extension => extension.Oid?.Value == Mark))
            .MaxBy(certificate => certificate.NotAfter);
    }

    /// <summary>What went wrong, or null.</summary>
    private static async Task<string?> CreateAsync(CancellationToken cancellationToken)
    {
        try
        {
            using Process tool = Process.Start(new ProcessStartInfo("dotnet", ["dev-certs", "https"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }) ?? throw new Win32Exception();
            Task<string> output = tool.StandardOutput.ReadToEndAsync(cancellationToken);
            string errors = await tool.StandardError.ReadToEndAsync(cancellationToken);
            await tool.WaitForExitAsync(cancellationToken);
            return tool.ExitCode == 0 ? null : $"{await output}{errors}".Trim();
        }
        catch (Win32Exception exception)
        {
            return exception.Message;
        }
    }
}
