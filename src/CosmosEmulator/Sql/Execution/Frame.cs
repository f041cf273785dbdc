using Serverless.CosmosEmulator.Sql.Values;

namespace Serverless.CosmosEmulator.Sql.Execution;

/// <summary>Computes an expression for what the frame holds at the moment.</summary>
internal delegate SqlValue Evaluator(Frame frame);

/// <summary>
/// The state of one execution: a slot for each input set, group key and aggregate, overwritten row by row, and what was read so far.
/// </summary>
internal sealed class Frame(int slots)
{
    private readonly SqlValue[] slots = new SqlValue[slots];

    /// <summary>The number of the item that the current row comes from.</summary>
    public ulong Number { get; set; }

    public int RowsScanned { get; set; }

    public long BytesScanned { get; set; }

    /// <summary>The size of the item that the current row comes from.</summary>
    public int RowBytes { get; set; }

    /// <summary>What was left of the scanned items after the conditions that an index serves.</summary>
    public int RowsLoaded { get; set; }

    public long BytesLoaded { get; set; }

    public SqlValue this[int slot]
    {
        get => slots[slot];
        set => slots[slot] = value;
    }
}
