using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Serverless.CosmosEmulator.Tests.Sql;

/// <summary>
/// The service's own query planner, which the SDK's package carries as a native library for some platforms: the reference for plans,
/// errors and the values of constant expressions.
/// </summary>
internal static class NativePlanner
{
    private const string Library = "libQueryPlanInterop.so";
    private const int BufferBytes = 1 << 20;

    private const string Configuration =
        """
        {"maxSqlQueryInputLength":262144,"maxJoinsPerSqlQuery":10,"maxLogicalAndPerSqlQuery":2000,"maxLogicalOrPerSqlQuery":2000,
        "maxUdfRefPerSqlQuery":10,"maxInExpressionItemsCount":16000,"queryMaxInMemorySortDocumentCount":500,
        "sqlAllowNonFiniteNumbers":false,"sqlAllowAggregateFunctions":true,"sqlAllowSubQuery":true,"sqlAllowScalarSubQuery":true,
        "allowNewKeywords":true,"sqlAllowLike":true,"sqlAllowGroupByClause":true,
        "queryEnableFullText":true}
        """;

    private static readonly Lazy<nint> Provider = new(() =>
    {
        Marshal.ThrowExceptionForHR(unchecked((int)CreateServiceProvider(Encoding.UTF8.GetBytes(Configuration + "\0"), out nint provider)));
        return provider;
    });

    private static readonly Lazy<bool> IsLoaded = new(() => NativeLibrary.TryLoad(Library, typeof(NativePlanner).Assembly, null, out _));

    /// <summary>Why the reference can't be asked here, or null when it can.</summary>
    public static string? Absence => IsLoaded.Value ? null : $"{Library} can't be loaded on {RuntimeInformation.RuntimeIdentifier}.";

    /// <summary>A plan or an error, both JSON.</summary>
    public static (bool IsPlan, JsonElement Answer) Plan(string query, string? parameters, IReadOnlyList<string> paths, bool hasPartitionKey)
    {
        string body = parameters is null
            ? JsonSerializer.Serialize(new { query })
            : JsonSerializer.Serialize(new { query, parameters = JsonSerializer.Deserialize<JsonElement>(parameters) });
        var options = new Options
        {
            RequireFormattableOrderByQuery = 1,
            AllowNonValueAggregateQuery = 1,
            HasLogicalPartitionKey = hasPartitionKey ? 1 : 0,
            AllowDistinctCount = 1,
            PartitionKind = paths.Count > 1 ? 2 : 0,
        };
        var names = new List<nint>();
        nint buffer = Marshal.AllocHGlobal(BufferBytes);
        try
        {
            string[][] parts = [.. paths.Select(path => path.Split('/', StringSplitOptions.RemoveEmptyEntries))];
            names.AddRange(parts.SelectMany(path => path).Select(Allocate));
            uint[] lengths = [.. parts.Select(path => (uint)path.Length)];
            uint code = GetPartitionKeyRangesFromQuery4(
                Provider.Value, Wide(body), options, [.. names], lengths, (uint)paths.Count, null, 0, buffer, BufferBytes, out uint length);
            string text = Marshal.PtrToStringUTF8(buffer, (int)length);
            return (code == 0, JsonSerializer.Deserialize<JsonElement>(text));
        }
        finally
        {
            Marshal.FreeHGlobal(buffer);
            names.ForEach(Marshal.FreeHGlobal);
        }
    }

    // The library was built where a wide character has four bytes.
    private static byte[] Wide(string text) => Encoding.UTF32.GetBytes(text + "\0");

    private static nint Allocate(string text)
    {
        byte[] bytes = Wide(text);
        nint memory = Marshal.AllocHGlobal(bytes.Length);
        Marshal.Copy(bytes, 0, memory, bytes.Length);
        return memory;
    }

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint CreateServiceProvider(byte[] configuration, out nint provider);

    [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint GetPartitionKeyRangesFromQuery4(
        nint provider,
        byte[] query,
        Options options,
        nint[] pathTokens,
        uint[] pathTokenLengths,
        uint pathCount,
        byte[]? vectorPolicy,
        uint vectorPolicyLength,
        nint buffer,
        uint bufferLength,
        out uint resultLength);

    [StructLayout(LayoutKind.Sequential)]
    private struct Options
    {
        public int RequireFormattableOrderByQuery;
        public int IsContinuationExpected;
        public int AllowNonValueAggregateQuery;
        public int HasLogicalPartitionKey;
        public int AllowDistinctCount;
        public int UseSystemPrefix;
        public int PartitionKind;
        public int GeospatialType;
        public int HybridSearchSkipOrderByRewrite;
        public int Reserved1;
        public long Reserved2;
        public long Reserved3;
        public long Reserved4;
    }
}
