#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace mnist {

// Readers of the two kinds of IDX file that MNIST consists of. A file of images has the magic
// number 0x00000803, then the count, the rows and the columns, then a byte for each pixel. A file
// of labels has the magic number 0x00000801, then the count, then a byte for each label. The
// numbers are 32-bit and big-endian. Format: Y. LeCun, "The MNIST database", section FILE FORMATS.
//
// Each reader throws Error(kData) if the file is missing, unreadable, packed, of another kind, or
// longer or shorter than its header says.

/// Checks the header of an image file against its size, without reading the pixels. Returns the
/// number of images, each 28 x 28.
std::int64_t check_idx_images(const std::filesystem::path& file);

/// The pixels of the first `limit` images, or of all if there are fewer: [N*784] uint8, row by row,
/// from 0 for black to 255 for white.
std::vector<std::uint8_t> read_idx_images(const std::filesystem::path& file, std::int64_t limit);

/// All labels: [N] uint8. Each has been checked to be a digit from 0 to 9.
std::vector<std::uint8_t> read_idx_labels(const std::filesystem::path& file);

}  // namespace mnist
