using System.Diagnostics;
using Serverless.EventSourcing;

namespace Serverless.Workshop;

/// <summary>Why the rules say no. The order is the precedence: of several reasons the first one is given.</summary>
public enum WidgetRejection
{
    NotCreated,
    AlreadyCreated,
}

public static class WidgetRejections
{
    /// <summary>Codes are part of the API: clients branch on them. Sentences may change.</summary>
    public static Rejection Describe(WidgetRejection reason) => reason switch
    {
        WidgetRejection.NotCreated => new("not-created", "It was never created."),
        WidgetRejection.AlreadyCreated => new("already-created", "It is there already."),
        _ => throw new UnreachableException($"No description of {reason}."),
    };
}
