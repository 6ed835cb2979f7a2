-- SPDX-License-Identifier: ISC
-- ardour7-lua session.lua FOLDER NAME: a session with Timbrel on a track, its mix under automation that plays.
local folder, name = arg[1], arg[2]
local session = create_session(folder, name, 48000) or error("the session cannot be created")
local tracks = session:new_audio_track(1, 1, nil, 1, "voice", ARDOUR.PresentationInfo.max_order,
	ARDOUR.TrackMode.Normal, true)
local track = tracks:front()
local processor = ARDOUR.LuaAPI.new_plugin(session, "urn:timbrel:mono", ARDOUR.PluginType.LV2, "")
if processor:isnil() then error("Ardour does not know the plugin") end
if track:add_processor_by_index(processor, 0, nil, true) ~= 0 then error("the plugin cannot be added") end
sleep(0.3)
local plugin = processor:to_plugininsert():plugin(0)
for n = 0, plugin:parameter_count() - 1 do
	local port, found = plugin:nth_parameter(n, false)
	if found[2] and plugin:parameter_label(port) == "Mix" then
		local _, curve = ARDOUR.LuaAPI.plugin_automation(processor, n)
		curve:add(Temporal.timepos_t(0), 0, false, true)
		curve:add(Temporal.timepos_t(48000 * 60), 100, false, true)
		local control = processor:to_automatable():automation_control(
			Evoral.Parameter(ARDOUR.AutomationType.PluginAutomation, 0, port), false)
		control:set_automation_state(ARDOUR.AutoState.Play)
	end
end
plugin, processor, track, tracks = nil, nil, nil, nil
sleep(0.5)
session:save_state("", false, false, false, false, false)
collectgarbage()
close_session()
print("session made")
quit()
