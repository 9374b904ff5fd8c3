"""The modules that Asterisk loads: only what is needed, so that it boots within a second. Standard library only."""

MODULES = (
    # the dialplan and what it says
    "pbx_config",
    "app_confbridge",
    "app_dial",
    "app_exec",
    "app_playback",
    "app_playtones",
    "app_read",
    "app_senddtmf",
    "app_stack",
    "app_userevent",
    "func_callerid",
    "func_channel",
    "func_devstate",
    "func_env",
    "func_logic",
    "func_math",
    "func_strings",
    "func_timeout",
    "func_hangupcause",
    "func_evalexten",
    "res_agi",
    "res_clioriginate",  # the console may ask for a line
    "res_speech",  # res_agi needs it
    "res_musiconhold",
    "res_manager_devicestate",
    # sound
    "codec_alaw",
    "codec_ulaw",
    "codec_a_mu",
    "codec_resample",
    "format_pcm",
    "format_sln",
    "format_wav",
    "res_timing_timerfd",
    "bridge_builtin_features",
    "bridge_native_rtp",
    "bridge_simple",
    "bridge_softmix",
    # browsers' phones
    "res_crypto",
    "res_http_websocket",
    "res_pjsip_transport_websocket",
    "res_srtp",
    # SIP
    "chan_pjsip",
    "res_rtp_asterisk",
    "res_sorcery_astdb",
    "res_sorcery_config",
    "res_sorcery_memory",
    "res_pjproject",
    "res_pjsip",
    "res_pjsip_acl",
    "res_pjsip_authenticator_digest",
    "res_pjsip_caller_id",
    "res_pjsip_dtmf_info",
    "res_pjsip_endpoint_identifier_ip",
    "res_pjsip_endpoint_identifier_user",
    "res_pjsip_header_funcs",
    "res_pjsip_nat",
    "res_pjsip_pubsub",  # chan_pjsip needs it
    "res_pjsip_registrar",
    "res_pjsip_rfc3326",
    "res_pjsip_sdp_rtp",
    "res_pjsip_session",
)

ANONYMOUS = "res_pjsip_endpoint_identifier_anonymous"
"""Lets callers in that nobody knows: on the loopback only."""


def modules_for(*, local: bool) -> tuple[str, ...]:
    return (*MODULES, ANONYMOUS) if local else MODULES
