#include "model/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>

#include "mnist_train/error.h"
#include "support.h"

namespace mnist {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

/// The bytes of a file with this header and data, put together by hand.
std::string bytes_of(const std::string& header, const std::string& data = "") {
  std::string size;
  for (int i = 0; i < 8; ++i) size += static_cast<char>(header.size() >> (8 * i) & 0xFF);
  return size + header + data;
}

std::string floats(const std::vector<float>& values) {
  std::string bytes(values.size() * sizeof(float), '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

/// A header of one tensor "w".
std::string one(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return R"({"w":{"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets +
         "}}";
}

TEST(Safetensors, ReadsAFilePutTogetherByHand) {
  const std::string header =
      R"({"__metadata__":{"a":"b"},"y":{"dtype":"F32","shape":[],"data_offsets":[24,28]},)"
      R"("x":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},)"
      R"("z":{"dtype":"F32","shape":[0,5],"data_offsets":[28,28]}}  )";
  const TensorFile file =
      decode_safetensors(bytes_of(header, floats({1, 2, 3, 4, 5, 6, 7})), {"f"});
  EXPECT_EQ(file.metadata.at("a"), "b");
  ASSERT_EQ(file.tensors.size(), 3);
  EXPECT_THAT(file.find("x")->shape, ElementsAre(2, 3));
  EXPECT_THAT(file.find("x")->values, ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(file.find("y")->values, ElementsAre(7));
  EXPECT_THAT(file.find("z")->values, ElementsAre());
  EXPECT_EQ(file.find("w"), nullptr);
}

// The bytes follow from the formats of IEEE 754: 1 has the exponent 0 with the biases 15, 127 and
// 1023; the smallest number of binary16 is 2^-24.
TEST(Safetensors, ReadsNumbersOfOtherTypesAsFloat32) {
  const std::string header = R"({"half":{"dtype":"F16","shape":[4],"data_offsets":[0,8]},)"
                             R"("brain":{"dtype":"BF16","shape":[2],"data_offsets":[8,12]},)"
                             R"("single":{"dtype":"F32","shape":[],"data_offsets":[12,16]},)"
                             R"("double":{"dtype":"F64","shape":[1,2],"data_offsets":[16,32]}})";
  const std::string halves("\x00\x3c\x00\xc0\xff\x7b\x01\x00", 8);
  const std::string brains("\x80\x3f\x20\xc1", 4);
  const std::string doubles("\0\0\0\0\0\0\xf0\x3f\x9a\x99\x99\x99\x99\x99\xb9\xbf", 16);
  const TensorFile file =
      decode_safetensors(bytes_of(header, halves + brains + floats({3}) + doubles), {"f"});
  EXPECT_THAT(file.find("half")->values, ElementsAre(1, -2, 65504, std::ldexp(1.0F, -24)));
  EXPECT_THAT(file.find("brain")->values, ElementsAre(1, -10));
  EXPECT_THAT(file.find("single")->values, ElementsAre(3));
  EXPECT_THAT(file.find("double")->values, ElementsAre(1, -0.1F));
  EXPECT_THAT(file.find("double")->shape, ElementsAre(1, 2));
}

TEST(Safetensors, NamesFilesOfOtherKinds) {
  const test::TempDir dir;
  const auto error_of = [&](const std::string& content) -> std::string {
    test::write_file(dir / "weights.safetensors", content);
    try {
      read_safetensors(dir / "weights.safetensors");
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kModel);
      return error.what();
    }
    return "no error";
  };
  EXPECT_THAT(error_of("version https://git-lfs.github.com/spec/v1\noid sha256:0\n"),
              AllOf(HasSubstr("found a Git LFS pointer"), HasSubstr("git lfs pull")));
  EXPECT_THAT(error_of(std::string("PK\3\4\0\0\0\0", 8) + "archive/data.pkl"),
              AllOf(HasSubstr("torch.save"), HasSubstr("safetensors.torch.save_file")));
  EXPECT_THAT(error_of(R"({"weight_map": {"fc1.weight": "a.safetensors"}})"),
              AllOf(HasSubstr("an index"), HasSubstr("the .safetensors file that it names")));
  EXPECT_THAT(error_of("GGUF\3"), AllOf(HasSubstr("a GGUF file"), HasSubstr("linear layers")));
}

TEST(Safetensors, WritesTheBytesOfTheFormat) {
  const TensorFile file{{{"k", "v"}}, {{"w", {2}, {1.5F, -2.0F}}}};
  const std::string header =
      R"({"__metadata__":{"k":"v"},"w":{"data_offsets":[0,8],"dtype":"F32","shape":[2]}})";
  const std::string padded = header + std::string((8 - header.size() % 8) % 8, ' ');
  EXPECT_EQ(encode_safetensors(file), bytes_of(padded, floats({1.5F, -2.0F})));
}

TEST(Safetensors, ReadsWhatItWrote) {
  const TensorFile file{{{"k", "\"\n\xc3\xa9"}}, {{"b", {1, 2}, {1, 2}}, {"a", {3}, {3, 4, 5}}}};
  const TensorFile again = decode_safetensors(encode_safetensors(file), {"f"});
  EXPECT_EQ(again.metadata, file.metadata);
  EXPECT_EQ(again.find("b")->values, file.find("b")->values);
  EXPECT_EQ(again.find("a")->shape, file.find("a")->shape);
  EXPECT_EQ(encode_safetensors(again), encode_safetensors(file));
}

TEST(Safetensors, RefusesWhatIsWrong) {
  const std::string eight = floats({1, 2});
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  std::string deep = R"({"w":)";
  for (int i = 0; i < 10000; ++i) deep += "[";
  const std::vector<std::pair<std::string, std::string>> cases{
      {std::string("\xff\xff\xff\xff\xff\xff\xff\xff{}", 10), "at most 1 MiB"},
      {bytes_of(std::string((1 << 20) + 1, ' ')), "at most 1 MiB"},
      {bytes_of(""), "JSON object"},
      {bytes_of("[]"), "JSON object"},
      {bytes_of("{"), "JSON object"},
      {bytes_of("{} x"), "JSON object"},
      {bytes_of("{\"\xff\":1}"), "JSON object"},
      {bytes_of(deep), "3 levels"},
      {bytes_of(R"({"__metadata__":{"a":"1","a":"2"}})"), "each key once"},
      {bytes_of(R"({"__metadata__":{"a":1}})"), "metadata of strings"},
      {bytes_of(R"({"__metadata__":[]})"), "metadata that is an object"},
      {bytes_of(R"({"w":1})"), "dtype, shape and data_offsets"},
      {bytes_of(R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}})", eight),
       "dtype, shape and data_offsets"},
      {bytes_of(R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                R"("w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
                eight),
       "each key once"},
      {bytes_of(one("I64", "[1]", "[0,8]"), eight),
       "tensor \"w\": expected dtype F32, F16, BF16 or F64, found \"I64\""},
      {bytes_of(R"({"bn1.num_batches_tracked":{"dtype":"I64","shape":[],"data_offsets":[0,8]}})",
                eight),
       "found batch normalisation"},
      {bytes_of(R"({"w":{"dtype":7,"shape":[1],"data_offsets":[0,8]}})", eight), "found 7"},
      {bytes_of(one("F16", "[2]", "[0,8]"), eight), "fit the shape"},
      {bytes_of(one("F16", "[1]", "[0,2]"), std::string("\x00\x7c", 2)), "finite"},
      {bytes_of(one("BF16", "[1]", "[0,2]"), "\x80\xff"), "finite"},
      {bytes_of(one("F64", "[1]", "[0,8]"), std::string("\0\0\0\0\0\0\xf0\x7f", 8)), "finite"},
      {bytes_of(one("F64", "[1]", "[0,8]"), "\xff\xff\xff\xff\xff\xff\xef\x7f"), "finite"},
      {bytes_of(one("F32", "[-2]", "[0,8]"), eight), "whole numbers"},
      {bytes_of(one("F32", "[2.0]", "[0,8]"), eight), "whole numbers"},
      {bytes_of(one("F32", "2", "[0,8]"), eight), "whole numbers"},
      {bytes_of(one("F32", "[2]", "[0,8,8]"), eight), "two data_offsets"},
      {bytes_of(one("F32", "[2]", "[8,0]"), eight), "ascending order"},
      {bytes_of(one("F32", "[3]", "[0,8]"), eight), "fit the shape"},
      {bytes_of(one("F32", "[4611686018427387904,4]", "[0,0]")), "too large"},
      {bytes_of(one("F32", "[99999999999999999999]", "[0,8]"), eight), "whole numbers"},
      {bytes_of(one("F32", "[1]", "[0,4]"), eight), "expected 4 bytes of data, found 8"},
      {bytes_of(one("F32", "[1]", "[4,8]"), eight), "without holes"},
      {bytes_of(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                R"("b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})",
                eight),
       "without holes and overlaps"},
      {bytes_of(one("F32", "[2]", "[0,8]"), floats({1, nan})), "finite"},
      {bytes_of(one("F32", "[2]", "[0,8]"), floats({-infinity, 1})), "finite"},
  };
  for (const auto& [bytes, expected] : cases) {
    try {
      decode_safetensors(bytes, {"model.safetensors", "get another", "get it again"});
      ADD_FAILURE() << expected;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kModel);
      EXPECT_THAT(error.what(),
                  AllOf(HasSubstr("model.safetensors: "), HasSubstr(expected),
                        AnyOf(EndsWith("; get another"), EndsWith("; get it again"))));
      const bool is_whole = expected == "finite" || expected == "found 7" ||
                            expected.find("dtype F32") != std::string::npos ||
                            expected.find("normalisation") != std::string::npos;
      EXPECT_EQ(std::string(error.what()).ends_with("; get another"), is_whole) << error.what();
    }
  }
}

TEST(Safetensors, SaysThatAFileIsCutShort) {
  const std::string whole = bytes_of(one("F32", "[2]", "[0,8]"), floats({1, 2}));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    try {
      decode_safetensors(whole.substr(0, length), {"model.safetensors", "get another"});
      ADD_FAILURE() << length;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), AllOf(HasSubstr("the file is cut short"),
                                      testing::EndsWith("; copy or download it again")));
    }
  }
}

TEST(Safetensors, SaysWhichFileCannotBeRead) {
  const test::TempDir dir;
  try {
    read_safetensors(dir / "none");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kModel);
    EXPECT_THAT(error.what(), AllOf(HasSubstr((dir / "none").string()),
                                    HasSubstr("No such file or directory; check its path")));
  }
}

}  // namespace
}  // namespace mnist
