namespace Serverless.FaultHarness.Load;

/// <summary>What the clients have done; they add to it side by side.</summary>
internal sealed class LoadCounts
{
    private long attempts;
    private long answersLost;
    private long askedToWait;
    private long sentTwiceAtOnce;
    private long sentAgainLater;
    private long givenUp;
    private long answered;
    private long taken;

    /// <summary>Requests sent, of first attempts and later ones.</summary>
    public long Attempts => Interlocked.Read(ref attempts);

    /// <summary>Attempts that ended without an answer: the host was killed, or took too long.</summary>
    public long AnswersLost => Interlocked.Read(ref answersLost);

    /// <summary>Answers 409 and 503.</summary>
    public long AskedToWait => Interlocked.Read(ref askedToWait);

    public long SentTwiceAtOnce => Interlocked.Read(ref sentTwiceAtOnce);

    public long SentAgainLater => Interlocked.Read(ref sentAgainLater);

    public long GivenUp => Interlocked.Read(ref givenUp);

    /// <summary>Commands that the inbox has taken.</summary>
    public long Taken => Interlocked.Read(ref taken);

    /// <summary>Answers that settle a command.</summary>
    public long Answered => Interlocked.Read(ref answered);

    public void Attempt() => Interlocked.Increment(ref attempts);

    public void AnswerLost() => Interlocked.Increment(ref answersLost);

    public void AskToWait() => Interlocked.Increment(ref askedToWait);

    public void SendTwiceAtOnce() => Interlocked.Increment(ref sentTwiceAtOnce);

    public void SendAgainLater() => Interlocked.Increment(ref sentAgainLater);

    public void GiveUp() => Interlocked.Increment(ref givenUp);

    public void Take() => Interlocked.Increment(ref taken);

    public void Answer() => Interlocked.Increment(ref answered);
}
