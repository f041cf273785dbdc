namespace Serverless.LocalHost;

/// <summary>The clock of a machine that is wrong, for tests with several hosts. Waits are as long as they are.</summary>
internal sealed class OffsetTime(TimeSpan offset) : TimeProvider
{
    /// <summary>The setting with the offset, such as <c>01:00:00</c>; for a function app in this process.</summary>
    public const string Setting = "LocalHost:ClockOffset";

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + offset;
}
