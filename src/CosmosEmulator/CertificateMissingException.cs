namespace Serverless.CosmosEmulator;

/// <summary>There is no development certificate on this machine, and none could be made.</summary>
public sealed class CertificateMissingException : IOException
{
    internal CertificateMissingException(string? refusal)
        : base("There is no certificate for https on this machine, and it could not be created"
            + (refusal is { Length: > 0 } ? $" ({refusal})" : "")
            + ". Run 'dotnet dev-certs https' from the .NET SDK, or use http.")
    {
    }
}
