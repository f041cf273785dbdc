namespace Serverless.EndToEnd.Tests;

public sealed class WidgetTests(SystemUnderTest system)
{
    [Fact]
    public async Task What_was_created_and_renamed_is_in_the_view()
    {
        string id = SystemUnderTest.NewId();

        Assert.Equal(201, (await system.PostAsync($"widget/{id}/create", """{"title":"First"}""")).Status);
        Assert.Equal(200, (await system.PostAsync($"widget/{id}/rename", """{"title":"Second"}""")).Status);

        Answer view = await system.SeeAsync($"widget-summary/{id}", $"widget-{id}", 2);
        Assert.Equal(200, view.Status);
        Assert.Equal("Second", (string?)view.Json()["data"]!["title"]);
        Assert.Equal(1, (int)view.Json()["data"]!["renamed"]!);
    }

    [Fact]
    public async Task A_rule_that_says_no_is_a_422_with_its_code()
    {
        Answer answer = await system.PostAsync($"widget/{SystemUnderTest.NewId()}/rename", """{"title":"Second"}""");

        Assert.Equal((422, "not-created"), (answer.Status, (string?)answer.Json()["code"]));
    }

    [Fact]
    public async Task A_body_without_a_title_is_a_400() =>
        Assert.Equal(400, (await system.PostAsync($"widget/{SystemUnderTest.NewId()}/create", "{}")).Status);

    [Fact]
    public async Task Without_a_key_only_the_health_check_answers()
    {
        Assert.Equal(200, (await system.GetWithoutKeyAsync("health")).Status);
        Assert.Equal(401, (await system.GetWithoutKeyAsync("views")).Status);
    }
}
