-- Append events.
-- KEYS[1]  the event stream
-- ARGV     events as JSON
-- Returns  how many
for i = 1, #ARGV do redis.call('XADD', KEYS[1], '*', 'e', ARGV[i]) end
return #ARGV
