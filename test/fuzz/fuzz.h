/*
 * fuzz.h
 *		What the fuzzers share: numbers made of the input's bytes, and memory to the byte.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* What is left of the input. */
typedef struct bytes
{
	const uint8_t *at;
	size_t		left;
} bytes;

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The next so many bytes as a number, as if zeros without end came behind the last. */
static inline uint64_t
take(bytes *b, size_t count)
{
	uint64_t	value = 0;

	for (size_t i = 0; i < count; i++)
	{
		value = value << 8 | (b->left > 0 ? *b->at : 0);
		b->at += b->left > 0;
		b->left -= b->left > 0;
	}
	return value;
}

static inline void *
allocate(size_t size)
{
	void	   *memory = malloc(size > 0 ? size : 1);

	if (memory == NULL)
		abort();
	return memory;
}

#endif							/* FUZZ_H */
