/* Reading of requests: portable, total over any bytes, and without memory of its own. */
#include "agent.h"

#include <string.h>

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r'; }

static bool parse_tag(const char *word, char into[AGENT_TAG]) {
  size_t length = strlen(word);
  if (length < 2 || length >= AGENT_TAG) return false;
  for (size_t i = 1; i < length; i++)
    if (word[i] < '0' || word[i] > '9') return false;
  memcpy(into, word, length + 1);
  return true;
}

/* The next word, ended by a NUL in place; NULL at the end. */
static char *next_word(char **text) {
  while (is_space(**text)) ++*text;
  if (**text == 0) return NULL;
  char *word = *text;
  while (**text != 0 && !is_space(**text)) ++*text;
  if (**text != 0) *(*text)++ = 0;
  return word;
}

bool parse_request(char *text, struct request *into) {
  static char rest[AGENT_LINE];
  *into = (struct request){.rest = rest};
  rest[0] = 0;
  char *word = next_word(&text);
  if (word != NULL && word[0] == '#') {
    if (!parse_tag(word, into->tag)) return false;
    word = next_word(&text);
  }
  if (word == NULL) return false;
  into->words[into->count++] = word;
  while (is_space(*text)) text++;
  strncpy(rest, text, sizeof rest - 1);
  while ((word = next_word(&text)) != NULL) {
    /* The words of a shell line are for the shell to count. */
    if (into->count == AGENT_WORDS) return strcmp(into->words[0], "shell") == 0;
    into->words[into->count++] = word;
  }
  return true;
}

static int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 16;
}

static bool parse_digits(const char *text, size_t count, unsigned base, uint64_t *into) {
  *into = 0;
  for (size_t i = 0; i < count; i++) {
    unsigned value = (unsigned)digit(text[i]);
    if (value >= base || *into > (UINT64_MAX - value) / base) return false;
    *into = *into * base + value;
  }
  return count > 0;
}

bool parse_number(const char *text, uint64_t *into) {
  bool is_hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
  const char *digits = is_hex ? text + 2 : text;
  return parse_digits(digits, strlen(digits), is_hex ? 16 : 10, into);
}

bool parse_data(const char *text, uint8_t *into, size_t *count) {
  size_t length = strlen(text);
  if (length == 0 || length % 2 != 0 || length / 2 > AGENT_DATA) return false;
  for (size_t i = 0; i < length; i += 2) {
    uint64_t value;
    if (!parse_digits(text + i, 2, 16, &value)) return false;
    into[i / 2] = (uint8_t)value;
  }
  *count = length / 2;
  return true;
}

bool parse_function(const char *text, char into[16]) {
  static const char form[] = "xxxx:xx:xx.x", segment[] = "0000:";
  size_t length = strlen(text);
  if (length == sizeof form - 1) {
    memcpy(into, text, length + 1);
  } else if (length == sizeof form - sizeof segment) {
    memcpy(into, segment, sizeof segment - 1);
    memcpy(into + sizeof segment - 1, text, length + 1);
  } else {
    return false;
  }
  for (size_t i = 0; form[i] != 0; i++) {
    if (form[i] == 'x' ? digit(into[i]) > 15 : into[i] != form[i]) return false;
    if (into[i] >= 'A' && into[i] <= 'F') into[i] = (char)(into[i] - 'A' + 'a');
  }
  return true;
}

void format_data(const uint8_t *bytes, size_t count, char *into) {
  static const char digits[] = "0123456789abcdef";
  for (size_t i = 0; i < count; i++) {
    *into++ = digits[bytes[i] >> 4];
    *into++ = digits[bytes[i] & 15];
  }
  *into = 0;
}
