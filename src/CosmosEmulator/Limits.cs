namespace Serverless.CosmosEmulator;

/// <summary>The limits of the service that the emulator enforces. COSMOS-PROTOCOL §10.</summary>
internal static class Limits
{
    public const int ItemBytes = 2 * 1024 * 1024;
    public const int ItemIdBytes = 1023;
    public const int ResourceIdCharacters = 255;
    public const int PartitionKeyBytes = 2048;
    public const int JsonDepth = 128;
    public const int HierarchicalPaths = 3;
    public const int BatchOperations = 100;
    public const int BatchBytes = 2_202_010;
    public const int BatchResultBytes = 4 * 1024 * 1024;
    public const int PatchOperations = 10;
    public const int PageItems = 1000;
    public const int PageBytes = 4 * 1024 * 1024;
    public const int Joins = 10;
    public const int QueryBytes = 512 * 1024;
    public static readonly TimeSpan DateSkew = TimeSpan.FromMinutes(15);
    public const int RequestBytes = 16 * 1024 * 1024;
}
