// The clocks under which turn scripts are played.
//
// Thread-safety: values.
#ifndef NAIRI_MOCK_CLOCK_MODE_H_
#define NAIRI_MOCK_CLOCK_MODE_H_

namespace nairi::mock {

// What makes a turn go on (docs/worlds.md, "Clocks").
enum class ClockMode {
  poll,          // reads of the job
  virtual_time,  // a clock that moves only when told
  wall,          // real time, taken from FakeOptions::wall_ms
};

}  // namespace nairi::mock

#endif  // NAIRI_MOCK_CLOCK_MODE_H_
