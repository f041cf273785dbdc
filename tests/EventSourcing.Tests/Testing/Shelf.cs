using System.Text.Json.Serialization;

namespace Serverless.EventSourcing.Tests;

public sealed record PutBook(string Title);

public sealed record BookPut(string Title);

/// <summary>A state with a list that can be changed in place, as many are written first.</summary>
public sealed record ShelfState(List<string> Titles);

/// <summary>An aggregate whose functions change what they are given.</summary>
internal static class Shelf
{
    public static Aggregate<PutBook, ShelfState, BookPut, PurseRejection> Changing(bool evolve) => new()
    {
        Category = "shelf",
        Initial = () => new ShelfState([]),
        Decide = (command, state) =>
        {
            if (!evolve)
            {
                state.Titles.Add(command.Title);
            }
            return Decision<BookPut, PurseRejection>.Accept(new BookPut(command.Title));
        },
        Evolve = (state, put) =>
        {
            if (evolve)
            {
                state.Titles.Add(put.Title);
            }
            return state;
        },
        Events = new EventCodecBuilder<BookPut>().Add("shelf.book-put", 1, ShelfJson.Default.BookPut).Build(),
        Commands = new() { { "put-book", ShelfJson.Default.PutBook } },
        Describe = _ => Purse.NotEnough,
        StateJson = ShelfJson.Default.ShelfState,
    };
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    Converters = [typeof(UtcInstantConverter), typeof(DecimalStringConverter)])]
[JsonSerializable(typeof(PutBook))]
[JsonSerializable(typeof(BookPut))]
[JsonSerializable(typeof(ShelfState))]
internal sealed partial class ShelfJson : JsonSerializerContext;
