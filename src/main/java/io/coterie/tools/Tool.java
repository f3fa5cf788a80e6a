package io.coterie.tools;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * Something that a tool server can do. Immutable, if {@code inputSchema} is left alone.
 *
 * @param description what it is for, in the server's words; may be empty
 * @param inputSchema the JSON Schema of its arguments, an object
 */
public record Tool(String name, String description, JsonNode inputSchema) {}
