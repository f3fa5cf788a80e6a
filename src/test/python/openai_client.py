"""The Python client of OpenAI: python openai_client.py URL KEY

Uses the API in all ways that the test is about, and prints what came of each as one JSON object.
"""

import json
import sys

import openai

url, key = sys.argv[1:3]
client = openai.OpenAI(base_url=url, api_key=key, max_retries=0)
messages = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": [{"type": "text", "text": "Hi"}]},
]


def complete(model="coordinator", messages=messages, client=client, **more):
    return client.chat.completions.create(model=model, messages=messages, **more)


def failure(**request):
    try:
        complete(**request)
        return None
    except openai.APIStatusError as e:
        return {"kind": type(e).__name__, "status": e.status_code, "code": e.code, "id": e.request_id}


result = {"models": [model.id for model in client.models.list()]}
result["model"] = client.models.retrieve("echo").id

whole = complete(temperature=0.2, tools=[], seed=1)
result["whole"] = whole.choices[0].message.content
result["tokens"] = whole.usage.total_tokens

result["streamed"] = ""
for chunk in complete(stream=True, stream_options={"include_usage": True}):
    if chunk.choices:
        result["streamed"] += chunk.choices[0].delta.content or ""
    elif chunk.usage:
        result["prompt_tokens"] = chunk.usage.prompt_tokens

result["no_model"] = failure(model="none")
result["no_key"] = failure(client=client.with_options(api_key="wrong"))
result["no_messages"] = failure(messages=[])
result["too_large"] = failure(messages=[{"role": "user", "content": "x" * 1_100_000}])
picture = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
result["picture"] = failure(messages=[{"role": "user", "content": [picture]}])
# The test lets the next reply fail, and the one after it begin and never end.
result["failed"] = failure()
with complete(stream=True) as half:
    result["half"] = next(chunk for chunk in half if chunk.choices[0].delta.content).choices[0].delta.content

print(json.dumps(result))
